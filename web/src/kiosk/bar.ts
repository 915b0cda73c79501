// The head of every screen but the first: where one is, text size, the phone, and the end, always in sight.

import { button, el } from "../ui/dom";
import { KIOSK } from "./wording";

const SIZES = 3;

/** The size of all words, on the page's root: 0 to 2, or "large". A new visitor finds the first one. */
export class TextSize {
  private size = 0;
  private large = false;

  constructor(private readonly root: HTMLElement) {
    this.show();
  }

  get isLarge(): boolean {
    return this.large;
  }

  step(by: number): void {
    this.large = false;
    this.size = Math.min(SIZES - 1, Math.max(0, this.size + by));
    this.show();
  }

  toggleLarge(): void {
    this.large = !this.large;
    this.show();
  }

  reset(): void {
    this.size = 0;
    this.large = false;
    this.show();
  }

  private show(): void {
    this.root.dataset["size"] = this.large ? "large" : String(this.size);
  }
}

export interface BarActs { home: () => void; phone: () => void; receipt: () => void; end: () => void }

export class Bar {
  readonly element: HTMLElement;
  private readonly title = el("h1");
  private readonly receipt: HTMLButtonElement;
  private readonly large: HTMLButtonElement;

  constructor(private readonly size: TextSize, acts: BarActs) {
    const smaller = button("A－", "smaller", () => this.change(() => size.step(-1)));
    const larger = button("A＋", "larger", () => this.change(() => size.step(1)));
    smaller.setAttribute("aria-label", `A－ ${KIOSK.smaller}`);
    larger.setAttribute("aria-label", `A＋ ${KIOSK.larger}`);
    this.large = button(KIOSK.large, "large-mode", () => this.change(() => size.toggleLarge()));
    this.receipt = button(KIOSK.receipt, "to-receipt", acts.receipt);
    this.element = el("header", { class: "bar" }, this.title,
      el("div", { class: "tools", role: "group", "aria-label": KIOSK.tools },
        button(KIOSK.home, "to-home", acts.home), button(KIOSK.phone, "to-phone", acts.phone), this.receipt,
        smaller, larger, this.large, button(KIOSK.end, "end", acts.end)));
    this.offerReceipt(false);
  }

  entitle(title: string): void {
    this.title.textContent = title;
  }

  offerReceipt(there: boolean): void {
    this.receipt.hidden = !there;
  }

  reset(): void {
    this.offerReceipt(false);
    this.change(() => this.size.reset());
  }

  private change(act: () => void): void {
    act();
    this.large.textContent = this.size.isLarge ? KIOSK.normal : KIOSK.large;
    this.large.setAttribute("aria-pressed", String(this.size.isLarge));
  }
}
