// One talk as an element: head, transcript, input. The page, the widget and the kiosk put it where they want it.

import { Line } from "../core/line";
import type { Memory } from "../core/memory";
import { Talk, type Notice } from "../core/session";
import { TranscriptStore, type Change, type Item } from "../core/store";
import { pageTurnstile, turnstile } from "../core/turnstile";
import type { QuestionCard, Reply, Service, SummaryCard } from "../core/types";
import { WORDING } from "../wording";
import { Announcer } from "./announcer";
import { Composer } from "./composer";
import { el } from "./dom";
import { takeDrops } from "./drops";
import { Greeting } from "./greeting";
import { applyLook, buildHeader } from "./header";
import { pageLinks } from "./links";
import { Lookup } from "./lookup";
import { ServiceStrip } from "./service";
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
  /** Whether to lead to the plain pages (lookup, centers, privacy, accessibility); not where a person must not be led away. */
  links?: boolean;
  /** Told of each reply that arrives while the talk runs. */
  replied?: (reply: Reply) => void;
  /** The door at the server; "web" where nothing is said. */
  door?: "web" | "kiosk";
  /** Told when the line breaks and when it is back. */
  lineChanged?: (ok: boolean) => void;
  /** Told when the talk has ended at the server or begins anew. */
  noticed?: (notice: Notice) => void;
  /** Inside a page of somebody else, which has its own main part, banner and first heading. */
  embedded?: boolean;
  /** All tabs with this scope send as one; where it is not said, the talk is this page's alone. */
  scope?: string;
}

export class Shell {
  readonly element: HTMLElement;
  readonly composer: Composer;
  readonly talk: Talk;
  readonly transcript: Transcript;
  private readonly announcer = new Announcer();
  private readonly greeting: Greeting;
  private readonly uploads: Uploads;
  private readonly service: ServiceStrip;
  private readonly lost = el("p", { class: "lost", hidden: true }, WORDING.lost);
  private readonly line: Line;
  private readonly store: TranscriptStore;
  private inForm = false;
  /** The message that the newest reply answers, and whether the newest message is a file. */
  private turn = "";
  private saidFile = false;
  private greets = false;

  constructor(private readonly place: Place) {
    const announce = (text: string): void => this.announcer.say(text);
    this.line = new Line(place.base, (input, init) => fetch(input, init), (token) => this.talk.renew(token), place.site, place.door ?? "web");
    this.transcript = new Transcript({
      choose: (id, label) => this.talk.choose(id, label),
      say: (text) => this.talk.say(text),
      rate: (reply, solved, reason) => this.talk.rate(reply, solved, reason),
      rated: (reply) => this.talk.rated(reply),
      preview: (file) => this.talk.preview(file),
      announce,
    });
    this.store = new TranscriptStore((change) => this.show(change));
    this.talk = new Talk(this.line, place.memory, this.store, place.event, (notice) => {
      const text = notice === "started" ? WORDING.restarted : WORDING.expired;
      this.fit(null);
      this.note(text);
      place.noticed?.(notice);
    }, place.scope === undefined ? pageTurnstile() : turnstile(place.scope));
    this.uploads = new Uploads({ send: (file, id, progress) => this.talk.attach(file, id, progress), announce, refocus: () => this.composer.input.focus() });
    this.composer = new Composer({ say: (text) => this.talk.say(text), attach: (file) => this.uploads.begin(file) });
    this.service = new ServiceStrip(() => this.talk.stopWaiting(), announce, () => this.composer.input.focus());
    this.greeting = new Greeting((text) => this.ask(text), place.links ? pageLinks(place.base) : null);
    this.element = this.build();
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

  /** Fetches what many ask, once; tried again when the line comes back. */
  async greet(): Promise<void> {
    this.greets = true;
    if (this.greeting.isFilled) return;
    try {
      this.greeting.fill(await this.line.asked(this.place.event));
    } catch {
      // The greeting stands without; a person can write.
    }
  }

  private build(): HTMLElement {
    const { place } = this;
    const lookup = new Lookup((number, code) => this.line.lookUp(number, code));
    const header = buildHeader({
      root: place.root, memory: place.memory, embedded: place.embedded === true, switchLanguage: place.switchLanguage, close: place.close,
      lookUp: () => lookup.open(),
      open: () => (this.inForm ? "form" : this.store.items.length ? "talk" : "nothing"),
      restart: () => {
        this.uploads.clear();
        void this.talk.end();
        this.composer.input.focus();
      },
    });
    this.transcript.element.prepend(this.greeting.element);
    this.transcript.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.composer.input.focus();
    });
    const body = el(place.embedded ? "div" : "main", { class: "body" },
      this.transcript.element, this.service.element, this.uploads.element, this.lost, this.composer.element);
    const shell = el("div", { class: "shell" }, header, body, this.announcer.element, lookup.element);
    takeDrops(shell, (files) => [...files].forEach((file) => this.uploads.begin(file)));
    return shell;
  }

  /** A question of the greeting: its button may go away with the answer, so the focus goes where the next word is written. */
  private ask(text: string): void {
    this.talk.say(text);
    if (matchMedia("(pointer: fine)").matches) this.composer.input.focus();
    else this.transcript.element.focus();
  }

  private show(change: Change): void {
    if (change.type === "added") this.added(change.item, change.restored);
    else if (change.type === "changed") this.transcript.change(change.item);
    else if (change.type === "typing") this.transcript.setTyping(change.on);
    else if (change.type === "line") this.lineChanged(change.ok);
    else if (change.type === "service") this.served(change.service);
    else {
      this.transcript.clear();
      this.fit(null);
    }
  }

  private added(item: Item, restored: boolean): void {
    this.transcript.add(item, restored);
    if (item.type === "said") {
      this.saidFile = item.file !== null;
      return;
    }
    this.follow(item.reply);
    if (!restored) this.place.replied?.(item.reply);
  }

  /** A form is open while each turn ends with its question or its read-back; a file that is sent in between changes nothing. */
  private follow(reply: Reply): void {
    if (reply.author) return; // answers nothing that was said
    if (reply.inbound_id !== this.turn && !this.saidFile) this.fit(null);
    this.turn = reply.inbound_id;
    if (reply.card?.kind === "question" || reply.card?.kind === "summary") this.fit(reply.card);
  }

  /** Who speaks has changed: staff ask in their own words, so no form's field stands open. */
  private served(service: Service): void {
    this.service.show(service);
    if (service.state === "staff") this.fit(null);
  }

  private lineChanged(ok: boolean): void {
    this.lost.hidden = ok;
    this.announce(ok ? WORDING.back : WORDING.lost);
    this.place.lineChanged?.(ok);
    if (!ok) return;
    this.uploads.resume();
    if (this.greets) void this.greet();
  }

  private fit(card: QuestionCard | SummaryCard | null): void {
    this.inForm = card !== null;
    this.composer.fit(card?.kind === "question" ? card : null);
    this.greeting.fit(this.inForm);
  }
}
