// The row over the keys: the open pinyin and the page of candidates that fits.

import { button, el } from "../ui/dom";
import type { Composition } from "./composition";
import { WORDS } from "./layouts";
import { pages, type Sizes } from "./paging";
import type { Candidate } from "./pinyin";

// As keyboard.css has them: least width, gap, and the padding in parts of the font's size (with the border's two pixels).
const LEAST = 60;
const GAP = 6;
const PADDING = 0.8;
const BORDER = 4;
/** As many as the keys have, whose place they take. */
const LINES = 5;

export class CandidateRow {
  readonly element: HTMLElement;
  /** Whether the table of words is here. */
  ready = false;
  private readonly pinyin = el("div", { class: "pinyin" });
  private readonly list = el("div", { class: "list", role: "group", "aria-label": WORDS.candidates });
  private readonly before = button("‹", "turn", () => this.turn(-1));
  private readonly after = button("›", "turn", () => this.turn(1));
  private readonly more = button(WORDS.more, "more", () => this.widen(!this.wide));
  private candidates: readonly Candidate[] = [];
  private starts: number[] = [];
  private page = 0;
  private wide = false;

  /** `widened` is told when the candidates take the place of the keys, and when they give it back. */
  constructor(private readonly take: (candidate: Candidate) => void, private readonly widened: (wide: boolean) => void) {
    this.before.setAttribute("aria-label", WORDS.before);
    this.after.setAttribute("aria-label", WORDS.after);
    for (const node of [this.before, this.after, this.more]) node.tabIndex = -1;
    this.element = el("div", { class: "choosing" }, this.pinyin, el("div", { class: "row" }, this.before, this.list, this.after, this.more));
    new ResizeObserver(() => this.fit()).observe(this.list);
  }

  /** The candidates of the open pinyin; where none is open, what may follow. */
  show(composition: Composition, following: readonly Candidate[]): void {
    const candidates = composition.open ? composition.candidates : following;
    this.pinyin.textContent = composition.open ? composition.shown : "\u00a0";
    if (candidates !== this.candidates) this.page = 0;
    this.candidates = candidates;
    this.element.classList.toggle("open", composition.open);
    if (this.wide && !this.candidates.length) this.widen(false);
    this.fit();
    if (composition.open && !this.candidates.length) this.list.replaceChildren(el("p", {}, this.ready ? WORDS.none : WORDS.loading));
  }

  /** Another page, if there is one. */
  turn(by: -1 | 1): void {
    this.page = Math.max(0, Math.min(this.starts.length - 1, this.page + by));
    this.draw();
  }

  /** Takes the candidate at this place of the page. */
  choose(place: number): void {
    const from = this.starts[this.page] ?? 0;
    const candidate = this.candidates[from + place];
    if (candidate && from + place < this.end()) this.take(candidate);
  }

  private widen(wide: boolean): void {
    this.wide = wide;
    this.page = 0;
    this.element.classList.toggle("wide", wide);
    this.more.textContent = wide ? WORDS.fewer : WORDS.more;
    this.more.setAttribute("aria-expanded", String(wide));
    this.widened(wide);
    this.fit();
  }

  private fit(): void {
    this.starts = pages(this.candidates.map(({ text }) => text), this.list.clientWidth, this.sizes(), this.wide ? LINES : 1);
    this.page = Math.min(this.page, Math.max(0, this.starts.length - 1));
    this.draw();
  }

  private draw(): void {
    const from = this.starts[this.page] ?? 0;
    const shown = this.candidates.slice(from, this.end());
    this.list.replaceChildren(...shown.map((candidate) => {
      const node = button(candidate.text, "", () => this.take(candidate));
      node.tabIndex = -1;
      return node;
    }));
    this.before.disabled = this.page === 0;
    this.after.disabled = this.page >= this.starts.length - 1;
    this.more.disabled = !this.wide && this.starts.length < 2;
  }

  private end(): number {
    return this.starts[this.page + 1] ?? this.candidates.length;
  }

  private sizes(): Sizes {
    const character = parseFloat(getComputedStyle(this.list).fontSize) || 27;
    return { character, padding: PADDING * character + BORDER, least: LEAST, gap: GAP };
  }
}
