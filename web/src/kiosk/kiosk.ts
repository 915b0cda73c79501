// The kiosk: which screen is shown, who is at it, and that nothing of a person stays.

import { LineError } from "../core/line";
import { el } from "../ui/dom";
import { KioskLine, type Content, type Question, type Topic, type Way } from "./api";
import { Bar, TextSize } from "./bar";
import { Front } from "./dialogs";
import { Endings } from "./endings";
import { CornerTaps, showPad } from "./exit";
import { showHandover } from "./handover";
import { IdleClock } from "./idle";
import { AFTER_TAP_MS, Keys, type Typing } from "./keys";
import { Pulse } from "./pulse";
import { dropSlips, showReceipt } from "./receipt";
import * as screens from "./screens";
import { Visit } from "./visit";
import { KIOSK } from "./wording";

declare const __VERSION__: string;
const CONTENT_MS = 60_000;
/** A kiosk without a station asks too: the refusal says that the line is there, which kept content would not. */
const NO_STATION = "none";
const NOTE_MS = 8_000;
const FAREWELL_MS = 3_000;

export interface Place { root: HTMLElement; event: string | null; station: string | null; key: string | null; keyboard: () => Typing }

export class Kiosk {
  private content: Content | null = null;
  private loadedAt = -Infinity;
  private visit: Visit | null = null;
  private attracting = true;
  private readonly line = new KioskLine();
  /** The machine's own, with its key; a new version opens itself under it. */
  private readonly ownAddress: string;
  private readonly stage = el("div", { class: "stage" });
  private readonly sign = el("div", { class: "offline", role: "status" });
  private readonly keysPlace = el("section", { class: "keys", "aria-label": KIOSK.keys, hidden: true });
  private readonly heard = el("p", { class: "unseen", role: "status" });
  private readonly bar: Bar;
  private readonly front: Front;
  private readonly keys: Keys;
  private readonly endings = new Endings((session) => this.line.end(session));
  private readonly idle: IdleClock;
  private readonly pulse: Pulse;
  private countdown: { dialog: HTMLDialogElement; text: HTMLElement } | null = null;

  constructor(private readonly place: Place) {
    this.ownAddress = location.pathname + location.search + (place.key ? location.hash : "");
    this.bar = new Bar(new TextSize(document.documentElement), {
      home: () => this.home(), phone: () => this.toPhone(), receipt: () => this.showReceipt(), end: () => this.wipe(KIOSK.ended),
    });
    place.root.classList.add("kiosk");
    place.root.replaceChildren(this.bar.element, this.sign, this.stage, this.keysPlace, this.heard);
    this.front = new Front(place.root);
    this.keys = new Keys(this.keysPlace, place.keyboard);
    this.idle = new IdleClock({ count: (seconds) => this.count(seconds), resume: () => this.resume(), over: () => this.wipe(KIOSK.ended) });
    this.pulse = new Pulse({ beat: () => this.beat(), changed: (ok) => this.lineChanged(ok) });
  }

  start(): void {
    this.attract("");
    const touch = (): void => this.idle.touch();
    for (const name of ["pointerdown", "keydown", "input", "wheel", "touchmove"]) window.addEventListener(name, touch, { capture: true, passive: true });
    const corner = new CornerTaps();
    window.addEventListener("pointerdown", (event) => {
      if (corner.tap(event.clientX, event.clientY, Date.now())) this.pad();
    }, true);
    // A kiosk opens nothing else, and has no menus.
    window.addEventListener("click", (event) => event.target instanceof Element && event.target.closest("a") && event.preventDefault(), true);
    for (const name of ["contextmenu", "dragstart", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
    window.addEventListener("online", () => this.pulse.look());
    window.addEventListener("offline", () => this.pulse.lost());
    void this.pulse.run(new AbortController().signal);
  }

  private async beat(): Promise<void> {
    const due = Date.now() - this.loadedAt > CONTENT_MS;
    await Promise.all([this.tellHealth(this.place.station ?? NO_STATION), due && this.load()]);
    if (this.endings.left) void this.endings.retry();
  }

  private async tellHealth(station: string): Promise<void> {
    const line = this.pulse.steady ? "ok" : "unsteady";
    try {
      const version = await this.line.beat(station, {
        event: this.place.event, version: __VERSION__, line, outages: this.pulse.outages, in_use: !this.attracting, ...(this.place.key ? { key: this.place.key } : {}),
      });
      // A new page is on the server; nobody is here to be disturbed.
      if (version && version !== __VERSION__ && this.attracting) location.reload();
    } catch (fault) {
      if (!(fault instanceof LineError) || fault.code !== "station_unknown") throw fault;
    }
  }

  private async load(): Promise<void> {
    const content = await this.line.content(this.place.event);
    this.loadedAt = Date.now();
    if (JSON.stringify(content) === JSON.stringify(this.content)) return;
    this.content = content;
    if (this.attracting) this.attract("");
    if (!this.pulse.ok) this.sign.replaceChildren(screens.offlineSign(this.content));
  }

  private lineChanged(ok: boolean): void {
    this.sign.replaceChildren(...(ok ? [] : [screens.offlineSign(this.content)]));
    if (!ok) return;
    this.say(this.content?.offline.back ?? "");
    this.visit?.shell.talk.wake();
    void this.endings.retry();
  }

  private attract(note: string): void {
    this.attracting = true;
    this.idle.halt();
    this.bar.element.hidden = true;
    this.show(screens.attract(this.content, note, this.acts()));
    if (note) setTimeout(() => this.attracting && this.stage.querySelector(".note")?.replaceChildren(), NOTE_MS);
  }

  private home(): void {
    if (!this.content) {
      this.attract(KIOSK.connecting);
      this.pulse.look();
      return;
    }
    if (this.attracting) this.idle.start();
    this.attracting = false;
    this.bar.element.hidden = false;
    this.bar.entitle(screens.titleOf(this.content));
    const visit = this.visit;
    this.show(screens.home(this.content, visit && (() => this.show(visit.element)), this.acts()));
  }

  private acts(): screens.ScreenActs {
    return {
      start: () => this.home(), home: () => this.home(), say: (text) => this.say(text),
      topic: (topic) => this.show(screens.topicScreen(topic, this.acts())),
      ask: (question, from) => this.ask(question, from),
      way: (way) => this.way(way),
    };
  }

  private ask(question: Question, from: Topic | null): void {
    const back = (): void => (from ? this.show(screens.topicScreen(from, this.acts())) : this.home());
    if (this.pulse.ok) this.talk().say(question.ask);
    else this.show(screens.answerScreen(question, back, this.acts()));
  }

  private way(way: Way): void {
    if (!this.pulse.ok && this.content) {
      if (way.id !== "consult") this.show(screens.cannotScreen(this.content, this.acts()));
      return;
    }
    const visit = this.talk();
    if (way.say) visit.say(way.say);
    else visit.shell.composer.input.focus();
  }

  /** The talk in front; begun where there is none. */
  private talk(): Visit {
    this.visit ??= new Visit(this.place.event, {
      receipt: () => this.showReceipt(),
      gone: () => this.wipe(KIOSK.phoneDone, true),
      lineChanged: (ok) => ok || this.pulse.look(),
      wants: (mode) => this.keys.fit(mode),
    });
    if (!this.visit.element.isConnected) this.show(this.visit.element);
    return this.visit;
  }

  private toPhone(): void {
    if (!this.pulse.ok && this.content) {
      this.show(screens.cannotScreen(this.content, this.acts()));
      return;
    }
    const visit = this.talk();
    showHandover(this.front, {
      code: (wechat) => visit.handover(wechat), address: () => this.address(), wechat: this.content?.wechat === true, say: (text) => this.say(text),
    });
  }

  private showReceipt(): void {
    const card = this.visit?.receipt;
    if (!card) return;
    this.bar.offerReceipt(true);
    this.keys.hide();
    showReceipt(this.front, card, {
      address: () => this.address(), service: () => this.content?.service ?? KIOSK.service, end: () => this.wipe(KIOSK.ended), say: (text) => this.say(text),
    });
  }

  private count(seconds: number): void {
    if (!this.countdown?.dialog.open) {
      const text = el("p", { class: "left", role: "timer", "aria-live": "assertive" });
      const stay = el("button", { type: "button", class: "yes", autofocus: true }, KIOSK.stay);
      stay.addEventListener("click", () => this.idle.touch());
      this.countdown = { text, dialog: this.front.show("idle", KIOSK.idleTitle, [text, stay]) };
    }
    this.countdown.text.textContent = KIOSK.idle(seconds);
  }

  /** The finger is still down: a dialog that went at once would let it hit what lies behind. */
  private resume(): void {
    const dialog = this.countdown?.dialog;
    setTimeout(() => dialog?.close(), AFTER_TAP_MS);
  }

  /** Away with everything of this person: talk, token, words, dialogs, storage, places gone through. */
  private wipe(note: string, handedOver = false): void {
    this.front.closeAll();
    this.keys.drop();
    dropSlips();
    const session = this.visit?.leave() ?? null;
    this.visit = null;
    if (!handedOver) this.endings.add(session);
    for (const shelf of ["localStorage", "sessionStorage"] as const) {
      try {
        window[shelf].clear();
      } catch {
        // Forbidden storage holds nothing.
      }
    }
    history.replaceState(null, "", this.ownAddress);
    this.heard.textContent = "";
    this.bar.reset();
    this.attract(note);
  }

  private pad(): void {
    if (this.place.root.querySelector(".exit")) return;
    showPad(this.front, {
      check: (pin) => this.line.leave(this.place.station ?? "", pin),
      leave: () => void this.leave(),
    });
  }

  /** Wipes, lets the server hear of it, and goes to the page that closes itself; no step is added to the history, or it could not. */
  private async leave(): Promise<void> {
    this.wipe("");
    await Promise.race([this.endings.retry(), new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))]);
    location.replace("kiosk-closed.html");
  }

  /** Where phones reach the assistant: what the server says, else where this page lies. */
  private address(): string {
    return this.content?.address || new URL(".", location.href).href;
  }

  private show(screen: HTMLElement): void {
    this.keys.hide();
    this.stage.replaceChildren(screen);
    this.stage.scrollTop = 0;
    screen.querySelector<HTMLElement>("[tabindex='-1']")?.focus();
  }

  private say(text: string): void {
    this.heard.textContent = text;
  }
}
