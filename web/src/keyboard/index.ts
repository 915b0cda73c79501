// The kiosk's keyboard on the screen: pinyin, letters, figures and signs for one field at a time. It never takes the focus from the field.

import { SimpleKeyboard } from "simple-keyboard/build/index.modern";

import { el } from "../ui/dom";
import { CandidateRow } from "./candidates";
import { Composition } from "./composition";
import { beforeCaret, erase, insert, move, type Field } from "./field";
import { Following } from "./following";
import { DISPLAY, LAYOUTS, NAMES, WORDS, type Layout } from "./layouts";
import { Repeat } from "./repeat";
import { useSheet } from "./sheet";
import type { Candidate } from "./pinyin";
import { loadTable } from "./source";

export type Mode = "zh" | "en" | "number";

const REPEATED = new Set(["{bksp}", "{left}", "{right}"]);

export class ScreenKeyboard {
  readonly element: HTMLElement;
  private readonly composition = new Composition();
  private readonly row: CandidateRow;
  private readonly keys: SimpleKeyboard;
  private readonly repeat = new Repeat((key) => this.press(key));
  private following: Following | null = null;
  private follow: Candidate[] = [];
  private layout: Layout = "zh";
  private field: Field | null = null;
  private inputMode = "";

  constructor() {
    const keys = el("div", { class: "simple-keyboard" });
    this.row = new CandidateRow((candidate) => this.take(candidate), (wide) => { keys.hidden = wide; });
    this.element = el("div", { class: "screen-keyboard", role: "group", "aria-label": WORDS.keyboard, lang: "zh-CN" }, this.row.element, keys);
    this.keys = new SimpleKeyboard(keys, {
      layout: LAYOUTS,
      layoutName: this.layout,
      display: DISPLAY,
      mergeDisplay: true,
      useButtonTag: true,
      preventMouseDownDefault: true,
      disableButtonHold: true,
      disableCaretPositioning: true,
      buttonAttributes: attributes(),
      onKeyPress: (key: string) => this.press(key),
      onChange: () => this.keys.clearInput(), // simple-keyboard keeps what was typed; nothing may stay on a public machine
      onRender: () => this.markCapital(),
    });
    this.listen();
    void this.load();
  }

  /** From now on the keys type into this field. */
  attach(field: HTMLInputElement | HTMLTextAreaElement): void {
    if (this.field === field) return;
    this.detach();
    useSheet(this.element);
    this.field = field;
    this.inputMode = field.inputMode;
    field.inputMode = "none"; // the system's own keyboard stays away
    field.addEventListener("keydown", this.typed, true); // before the page's own Enter
    void this.load();
  }

  /** The keys type nowhere; pinyin that is open is gone. */
  detach(): void {
    this.repeat.stop();
    this.composition.clear();
    this.follow = [];
    this.show();
    if (!this.field) return;
    this.field.removeEventListener("keydown", this.typed, true);
    this.field.inputMode = this.inputMode;
    this.field = null;
  }

  setMode(mode: Mode): void {
    this.turnTo(mode);
  }

  private listen(): void {
    for (const kind of ["pointerdown", "mousedown"]) this.element.addEventListener(kind, (event) => event.preventDefault());
    this.element.addEventListener("pointerdown", (event) => {
      const key = keyOf(event.target);
      if (key && REPEATED.has(key)) this.repeat.start(key);
    });
    for (const kind of ["pointerup", "pointercancel", "pointerleave"]) this.element.addEventListener(kind, () => this.repeat.stop());
    // A screen reader or a switch clicks without a pointer; the keys themselves hear pointers only.
    this.element.addEventListener("click", (event) => {
      const key = event.detail === 0 ? keyOf(event.target) : null;
      if (key) this.press(key);
    });
  }

  private async load(): Promise<void> {
    if (this.row.ready) return;
    const table = await loadTable();
    if (table) this.composition.use(table);
    if (table) this.following ??= new Following(table);
    this.row.ready = table !== null;
    this.show();
  }

  private press(key: string): void {
    if (key === "{capital}") return this.turnTo(CAPITAL[this.layout] ?? this.layout);
    if (key === "{zh}" || key === "{en}" || key === "{number}" || key === "{sign}") return this.turnTo(key.slice(1, -1) as Layout);
    const field = this.field;
    if (!field) return;
    this.follow = [];
    if (key === "{bksp}") this.composition.open ? this.composition.back() : erase(field);
    else if (key === "{left}" || key === "{right}") this.step(field, key === "{left}" ? -1 : 1);
    else if (key === "{enter}") this.enter(field);
    else if (key === "{space}") this.composition.open ? this.takeFirst() : insert(field, " ");
    else if (key === "{part}") this.composition.add("'");
    else if (this.layout === "zh" && /^[a-z]$/.test(key)) this.composition.add(key);
    else {
      this.takeFirst();
      this.follow = [];
      insert(field, key);
      if (this.layout === "zhCapital" && /^[A-Z]$/.test(key)) this.turnTo("zh");
    }
    this.show();
    if (this.composition.open) void this.load();
  }

  /** A key of a physical keyboard: pinyin works with it as with the keys on the screen. An input method of the system goes first. */
  private readonly typed = (pressed: Event): void => {
    const event = pressed as KeyboardEvent;
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const { key } = event;
    const open = this.composition.open;
    this.follow = [];
    if (this.layout === "zh" && (/^[a-z]$/.test(key) || (open && key === "'"))) this.composition.add(key);
    else if (!open) return this.show();
    else if (/^[1-9]$/.test(key)) this.row.choose(Number(key) - 1);
    else if (key === " ") this.takeFirst();
    else if (key === "Enter") this.putRaw();
    else if (key === "Backspace") this.composition.back();
    else if (key === "Escape") this.composition.clear();
    else if (key === "PageDown" || key === "PageUp") return this.row.turn(key === "PageDown" ? 1 : -1);
    else {
      if (key.length === 1) this.takeFirst();
      return this.show();
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    this.show();
  };

  private step(field: Field, by: -1 | 1): void {
    if (!this.composition.open) move(field, by);
    else this.row.turn(by);
  }

  private enter(field: Field): void {
    if (this.composition.open) this.putRaw();
    else field.dispatchEvent(new CustomEvent("keyboard-enter", { bubbles: true, composed: true }));
  }

  private take(candidate: Candidate): void {
    if (!this.field) return;
    insert(this.field, this.composition.open ? this.composition.take(candidate) : candidate.text);
    this.offer();
    this.show();
  }

  /** What may follow the words that were just put. */
  private offer(): void {
    const found = this.field && !this.composition.open ? this.following?.after(beforeCaret(this.field)) : null;
    this.follow = (found ?? []).map((text) => ({ text, length: 0 }));
  }

  private takeFirst(): void {
    while (this.composition.open) {
      const [first] = this.composition.candidates;
      if (!first || !this.field) return this.putRaw();
      insert(this.field, this.composition.take(first));
      this.offer();
    }
  }

  private putRaw(): void {
    const letters = this.composition.letters;
    this.composition.clear();
    this.put(letters);
  }

  private put(text: string): void {
    if (this.field) insert(this.field, text);
    this.show();
  }

  private turnTo(layout: Layout): void {
    if (layout !== "zh" && layout !== "zhCapital") this.takeFirst();
    this.layout = layout;
    this.keys.setOptions({ layoutName: layout });
    this.show();
  }

  private show(): void {
    this.row.show(this.composition, this.follow);
  }

  private markCapital(): void {
    const key = this.element?.querySelector('[data-skbtn="{capital}"]');
    key?.setAttribute("aria-pressed", String(this.layout.endsWith("Capital")));
  }
}

const CAPITAL: Partial<Record<Layout, Layout>> = { zh: "zhCapital", zhCapital: "zh", en: "enCapital", enCapital: "en" };

function attributes(): { attribute: string; value: string; buttons: string }[] {
  const named = Object.entries(NAMES).map(([buttons, value]) => ({ attribute: "aria-label", value, buttons }));
  const all = [...new Set(Object.values(LAYOUTS).flat().flatMap((row) => row.split(" ")))].join(" ");
  // Tab leads from the field to what comes after it, not through forty keys: whoever has a physical keyboard types on that.
  return [...named, { attribute: "type", value: "button", buttons: all }, { attribute: "tabindex", value: "-1", buttons: all }];
}

function keyOf(target: EventTarget | null): string | null {
  return target instanceof Element ? (target.closest("[data-skbtn]")?.getAttribute("data-skbtn") ?? null) : null;
}
