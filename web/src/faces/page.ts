// The chat as a page of its own.

import { Memory, plainShelf, SESSION_KEY, type Shelf } from "../core/memory";
import { Shell } from "../ui/shell";
import { useLanguage } from "../wording";

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

function start(root: HTMLElement): void {
  const memory = new Memory(shelf());
  const language = memory.look().language ?? "zh";
  useLanguage(language);
  const shell = new Shell({
    root: document.documentElement, memory, base: "", links: true, site: null, event: eventCode(),
    switchLanguage: () => {
      memory.keepLook({ language: language === "zh" ? "en" : "zh" });
      location.reload();
    },
  });
  root.replaceChildren(shell.element);
  window.addEventListener("online", () => shell.talk.wake());
  document.addEventListener("visibilitychange", () => document.hidden || shell.talk.wake());
  window.addEventListener("storage", (event) => event.key === SESSION_KEY && shell.talk.adopt());
  void shell.talk.start();
}

const root = document.getElementById("app");
if (root) start(root);
