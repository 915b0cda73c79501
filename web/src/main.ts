// Puts the page together.

import { Line } from "./core/line";
import { Memory, plainShelf, SESSION_KEY, type Shelf } from "./core/memory";
import { Talk } from "./core/session";
import { TranscriptStore, type Change } from "./core/store";
import { Announcer } from "./ui/announcer";
import { Composer } from "./ui/composer";
import { el } from "./ui/dom";
import { buildHeader } from "./ui/header";
import { Transcript } from "./ui/transcript";
import { WORDING } from "./wording";

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
  const announcer = new Announcer();
  const announce = (text: string): void => announcer.say(text);
  const lost = el("p", { class: "lost", hidden: true }, WORDING.lost);
  const transcript = new Transcript((id, label) => talk.choose(id, label), announce);
  const composer = new Composer((text) => talk.say(text));

  const show = (change: Change): void => {
    if (change.type === "added") transcript.add(change.item, change.restored);
    else if (change.type === "changed") transcript.change(change.item);
    else if (change.type === "typing") transcript.setTyping(change.on);
    else if (change.type === "line") {
      lost.hidden = change.ok;
      announce(change.ok ? WORDING.back : WORDING.lost);
    } else transcript.clear();
  };
  const store = new TranscriptStore(show);
  const line = new Line("", (input, init) => fetch(input, init), (token) => talk.renew(token));
  const talk = new Talk(line, memory, store, eventCode(), (notice) => {
    const text = notice === "started" ? WORDING.restarted : WORDING.expired;
    transcript.note(text);
    announce(text);
  });

  const header = buildHeader(memory, () => {
    talk.restart();
    composer.input.focus();
  });
  const greeting = el("div", { class: "greeting" }, el("p", {}, WORDING.greeting), el("p", { class: "privacy" }, WORDING.privacy));
  transcript.element.prepend(greeting);
  transcript.element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") composer.input.focus();
  });
  root.replaceChildren(header, el("main", {}, transcript.element, lost, composer.element), announcer.element);

  window.addEventListener("online", () => talk.wake());
  document.addEventListener("visibilitychange", () => document.hidden || talk.wake());
  window.addEventListener("storage", (event) => event.key === SESSION_KEY && talk.adopt());
  void talk.start();
}

const root = document.getElementById("app");
if (root) start(root);
