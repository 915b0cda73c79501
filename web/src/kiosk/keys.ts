// The on-screen keyboard comes up with a field and goes with it.

import type { Mode, ScreenKeyboard } from "../keyboard/index";

export type Field = HTMLInputElement | HTMLTextAreaElement;
/** What is used of web/src/keyboard. */
export type Typing = Pick<ScreenKeyboard, "element" | "attach" | "detach" | "setMode">;

/** A tap moves the focus before it clicks: a keyboard that went at once would move the button from under the finger. */
export const AFTER_TAP_MS = 350;
const WRITTEN = new Set(["text", "tel", "search", "url", "email", "number"]);

function isField(node: EventTarget | null): node is Field {
  return node instanceof HTMLTextAreaElement || (node instanceof HTMLInputElement && WRITTEN.has(node.type));
}

export class Keys {
  private board: Typing | null = null;
  private field: Field | null = null;
  private mode: Mode = "zh";
  private leaving: ReturnType<typeof setTimeout> | undefined;

  /** `make` gives a fresh keyboard: what one person typed is nothing to the next. */
  constructor(private readonly place: HTMLElement, private readonly make: () => Typing) {
    document.addEventListener("focusin", (event) => {
      if (isField(event.target)) this.show(event.target);
      else if (event.target instanceof Node && !this.place.contains(event.target)) this.leaving = setTimeout(() => this.hide(), AFTER_TAP_MS);
    });
    document.addEventListener("keyboard-enter", (event) => {
      if (isField(event.target)) event.target.form?.requestSubmit();
    }, true);
  }

  /** What is asked for now: a telephone, or plain words. */
  fit(mode: Mode): void {
    this.mode = mode;
    if (this.field) this.board?.setMode(mode);
  }

  hide(): void {
    clearTimeout(this.leaving);
    this.board?.detach();
    this.field = null;
    this.place.hidden = true;
  }

  /** Away with it and with all that it may remember. */
  drop(): void {
    this.hide();
    this.board?.element.remove();
    this.board = null;
    this.mode = "zh";
  }

  private show(field: Field): void {
    clearTimeout(this.leaving);
    if (!this.board) {
      this.board = this.make();
      this.place.replaceChildren(this.board.element);
    }
    if (this.field !== field) this.board.attach(field);
    this.field = field;
    this.place.hidden = false;
    this.board.setMode(this.mode);
  }
}
