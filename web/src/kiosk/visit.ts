// One person's time at the kiosk: a talk of its own, kept in memory alone, and let go whole.

import { Memory, plainShelf } from "../core/memory";
import type { Mode } from "../keyboard/index";
import type { ReceiptCard, Reply, Session } from "../core/types";
import { Shell } from "../ui/shell";
import { el } from "../ui/dom";
import { dayButtons } from "./days";
import { KIOSK } from "./wording";

export interface VisitActs {
  receipt: (card: ReceiptCard) => void;
  /** The phone has taken the talk over. */
  gone: () => void;
  lineChanged: (ok: boolean) => void;
  /** What kind of answer is wanted next. */
  wants: (mode: Mode) => void;
}

export class Visit {
  readonly shell: Shell;
  receipt: ReceiptCard | null = null;
  private offered = false;
  private days: HTMLElement | null = null;
  private readonly hint = el("p", { class: "photos", hidden: true }, KIOSK.photos);

  constructor(event: string | null, private readonly acts: VisitActs) {
    this.shell = new Shell({
      root: document.documentElement, memory: new Memory(plainShelf()), base: "", site: null, event, door: "kiosk",
      switchLanguage: () => undefined,
      replied: (reply) => this.replied(reply),
      lineChanged: acts.lineChanged,
      noticed: (notice) => notice === "expired" && this.offered && acts.gone(),
    });
    this.shell.composer.element.prepend(this.hint);
  }

  get element(): HTMLElement {
    return this.shell.element;
  }

  say(text: string): void {
    this.shell.talk.say(text);
  }

  /** A code for the phone; for WeChat, what its QR code holds. Throws a LineError. */
  handover(wechat: boolean): Promise<string> {
    this.offered = true;
    return this.shell.talk.handover(wechat);
  }

  /** Forgets everything; gives the session that the server must end. */
  leave(): Session | null {
    const session = this.shell.talk.close();
    this.shell.composer.input.value = "";
    this.shell.element.replaceChildren();
    this.receipt = null;
    return session;
  }

  private replied(reply: Reply): void {
    const { card } = reply;
    this.days?.remove();
    this.days = null;
    this.hint.hidden = card?.kind !== "question";
    if (card?.kind === "question" && card.input === "date") {
      this.days = dayButtons(Date.now(), (text) => this.say(text));
      this.shell.composer.element.prepend(this.days);
    }
    if (card?.kind === "receipt") {
      this.receipt = card;
      this.acts.receipt(card);
    }
    this.acts.wants(card?.kind === "question" && card.input === "tel" ? "number" : "zh");
  }
}
