// The input, the day picker of a date question, and files.

import type { QuestionCard } from "../core/types";
import { WORDING } from "../wording";
import { button, el } from "./dom";

/** What the server takes; it looks at the content again. */
export const ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf,.docx,video/mp4,video/quicktime,.mov";
/** What a browser may fill in by itself, by the kind of input. */
const FILLED = { text: "off", tel: "tel", email: "email", date: "off" } as const;
/** Fields of forms that ask for the person's own name. */
const NAMES = new Set(["name"]);

export interface Acts {
  say: (text: string) => void;
  attach: (file: File) => void;
}

export class Composer {
  readonly input = el("textarea", {
    id: "say", rows: "2", maxlength: "10000", placeholder: WORDING.inputHint, enterkeyhint: "send", autocomplete: "off",
  });
  readonly element: HTMLElement;
  private readonly day = el("input", { type: "date", id: "day", class: "day" });
  private readonly dayRow = el("div", { class: "day-row", hidden: true }, el("label", { for: "day" }, WORDING.pickDate), this.day);

  constructor(private readonly acts: Acts) {
    const form = el("form", { class: "write" },
      el("label", { for: "say", class: "unseen" }, WORDING.inputLabel),
      this.picker(),
      this.input,
      el("button", { type: "submit", class: "send" }, WORDING.send));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("keydown", (event) => {
      // 229: browsers that end the composition before they report the key.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("paste", (event) => this.pasted(event));
    this.day.addEventListener("change", () => {
      if (this.day.value) this.input.value = this.day.value;
    });
    this.element = el("div", { class: "composer" }, this.dayRow, form);
  }

  /** Fits the input to the question that is open: a telephone's keys, a day to pick, or plain words. */
  fit(card: QuestionCard | null): void {
    const kind = card?.input ?? "text";
    this.input.inputMode = kind === "date" ? "text" : kind;
    this.input.autocomplete = card && NAMES.has(card.field) ? "name" : FILLED[kind];
    this.input.placeholder = card ? WORDING.answerHint : WORDING.inputHint;
    this.dayRow.hidden = kind !== "date";
    this.day.value = "";
    this.day.min = card?.earliest ?? "";
    this.day.max = card?.latest ?? "";
  }

  private pasted(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    // A picture from an office program comes with its name as text: the picture alone is meant.
    event.preventDefault();
    for (const file of files) this.acts.attach(file);
  }

  private picker(): HTMLElement {
    const chooser = el("input", { type: "file", accept: ACCEPTED, multiple: true, class: "chooser", tabindex: "-1", hidden: true, "aria-label": WORDING.attach });
    chooser.addEventListener("change", () => {
      for (const file of chooser.files ?? []) this.acts.attach(file);
      chooser.value = "";
    });
    const node = button("＋", "attach", () => chooser.click());
    node.setAttribute("aria-label", WORDING.attach);
    node.title = WORDING.attachHint;
    return el("span", { class: "attaching" }, node, chooser);
  }

  private submit(): void {
    const text = this.input.value.trim();
    this.input.value = "";
    this.input.focus();
    if (text) this.acts.say(text);
  }
}
