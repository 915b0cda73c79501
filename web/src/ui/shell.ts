// One talk as an element: head, transcript, input. The page, the widget and the kiosk put it where they want it.

import { Line } from "../core/line";
import type { Memory } from "../core/memory";
import { Talk, type Notice } from "../core/session";
import { TranscriptStore, type Change } from "../core/store";
import type { Card, Reply } from "../core/types";
import { WORDING } from "../wording";
import { Announcer } from "./announcer";
import { Composer } from "./composer";
import { el } from "./dom";
import { applyLook, buildHeader } from "./header";
import { Transcript } from "./transcript";
import { Uploads } from "./uploads";

export interface Place {
  root: HTMLElement;
  memory: Memory;
  /** Where the server is: "" on its own pages, `https://host/path/` for a widget. */
  base: string;
  site: string | null;
  event: string | null;
  switchLanguage: () => void;
  close?: () => void;
  /** Told of each reply that arrives while the talk runs. */
  replied?: (reply: Reply) => void;
  /** The door at the server; "web" where nothing is said. */
  door?: "web" | "kiosk";
  /** Told when the line breaks and when it is back. */
  lineChanged?: (ok: boolean) => void;
  /** Told when the talk has ended at the server or begins anew. */
  noticed?: (notice: Notice) => void;
}

export class Shell {
  readonly element: HTMLElement;
  readonly composer: Composer;
  readonly talk: Talk;
  private readonly announcer = new Announcer();
  private readonly transcript: Transcript;

  constructor(place: Place) {
    const announce = (text: string): void => this.announcer.say(text);
    const lost = el("p", { class: "lost", hidden: true }, WORDING.lost);
    const line = new Line(place.base, (input, init) => fetch(input, init), (token) => this.talk.renew(token), place.site, place.door ?? "web");
    const uploads = new Uploads(announce);
    const transcript = this.transcript = new Transcript({
      choose: (id, label) => this.talk.choose(id, label),
      say: (text) => this.talk.say(text),
      rate: (reply, solved, reason) => this.talk.rate(reply, solved, reason),
      announce,
    });
    const store = new TranscriptStore((change) => {
      this.show(change, transcript, lost);
      if (change.type === "added" && !change.restored && change.item.type === "reply") place.replied?.(change.item.reply);
      if (change.type === "line") place.lineChanged?.(change.ok);
    });
    this.talk = new Talk(line, place.memory, store, place.event, (notice) => {
      const text = notice === "started" ? WORDING.restarted : WORDING.expired;
      this.note(text);
      place.noticed?.(notice);
    });
    this.composer = new Composer({ say: (text) => this.talk.say(text), attach: (file) => uploads.begin(file, (progress) => this.talk.attach(file, progress)) });
    const header = buildHeader({
      root: place.root, memory: place.memory, switchLanguage: place.switchLanguage, close: place.close,
      restart: () => {
        this.talk.restart();
        this.composer.fit(null);
        this.composer.input.focus();
      },
    });
    const greeting = el("div", { class: "greeting" }, el("p", {}, WORDING.greeting), el("p", { class: "privacy" }, WORDING.privacy));
    transcript.element.prepend(greeting);
    transcript.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.composer.input.focus();
    });
    this.element = el("div", { class: "shell" }, header,
      el("main", {}, transcript.element, uploads.element, lost, this.composer.element), this.announcer.element);
    applyLook(place.root, place.memory);
  }

  announce(text: string): void {
    this.announcer.say(text);
  }

  /** A sentence of the page's own between the items, seen and heard. */
  note(text: string): void {
    this.transcript.note(text);
    this.announce(text);
  }

  private show(change: Change, transcript: Transcript, lost: HTMLElement): void {
    if (change.type === "added") {
      transcript.add(change.item, change.restored);
      if (change.item.type === "reply") this.fit(change.item.reply.card);
    } else if (change.type === "changed") transcript.change(change.item);
    else if (change.type === "typing") transcript.setTyping(change.on);
    else if (change.type === "line") {
      lost.hidden = change.ok;
      this.announce(change.ok ? WORDING.back : WORDING.lost);
    } else transcript.clear();
  }

  private fit(card: Card | null): void {
    if (card?.kind === "question") this.composer.fit(card);
    else if (card?.kind === "receipt" || card === null) this.composer.fit(null);
  }
}
