// The chat as a page of its own.

import { backoffMs, Sleeper } from "../core/backoff";
import { Line, LineError } from "../core/line";
import { Memory, OUTBOX_KEY, plainShelf, SESSION_KEY, type Shelf } from "../core/memory";
import { followScreen } from "../ui/screen";
import { Shell } from "../ui/shell";
import { useLanguage, WORDING } from "../wording";

const HANDOVER = /^#handover=([A-Za-z0-9_-]{32})$/;
const TAKE_OVER_TRIES = 4;

function shelf(): Shelf {
  try {
    return window.localStorage;
  } catch {
    return plainShelf();
  }
}

function eventCode(): string | null {
  const code = new URLSearchParams(location.search).get("event");
  return code && /^[A-Za-z0-9_.-]{1,40}$/.test(code) ? code : null;
}

/** The code of a kiosk's QR picture; it leaves the address at once. */
function handoverCode(): string | null {
  const code = HANDOVER.exec(location.hash)?.[1] ?? null;
  if (code) history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}

/** Makes the kiosk's talk this page's own; gives the sentence to show. */
async function takeOver(code: string, memory: Memory): Promise<string> {
  const line = new Line("", (input, init) => fetch(input, init));
  for (let attempt = 0; ; attempt += 1) {
    try {
      const session = await line.takeOver(code);
      memory.keepOutbox([]);
      memory.keepSession(session);
      return WORDING.takenOver;
    } catch (fault) {
      const passing = fault instanceof LineError && fault.passing;
      if (passing && attempt + 1 < TAKE_OVER_TRIES) await new Sleeper().sleep(backoffMs(attempt));
      else return (!passing && fault instanceof LineError && fault.message) || WORDING.takeOverFailed;
    }
  }
}

async function start(root: HTMLElement): Promise<void> {
  const memory = new Memory(shelf());
  const language = memory.look().language ?? "zh";
  useLanguage(language);
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
  document.title = WORDING.title;
  const code = handoverCode();
  if (code) root.textContent = WORDING.takingOver;
  const said = code && (await takeOver(code, memory));
  const shell = new Shell({
    root: document.documentElement, memory, base: "", links: true, site: null, event: eventCode(), scope: "",
    switchLanguage: () => {
      memory.keepLook({ language: language === "zh" ? "en" : "zh" });
      location.reload();
    },
  });
  root.replaceChildren(shell.element);
  followScreen(root, () => true);
  window.addEventListener("online", () => shell.talk.wake());
  window.addEventListener("hashchange", () => HANDOVER.test(location.hash) && location.reload());
  document.addEventListener("visibilitychange", () => document.hidden || shell.talk.wake());
  window.addEventListener("storage", (event) => {
    if (event.key === SESSION_KEY) shell.talk.adopt();
    if (event.key === OUTBOX_KEY) shell.talk.outboxChanged();
  });
  void shell.greet();
  await shell.talk.start();
  if (said) shell.note(said);
}

const root = document.getElementById("app");
if (root) void start(root);
