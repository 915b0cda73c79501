// The input, the day picker of a date question, files, and the topic buttons.

import type { QuestionCard } from "../core/types";
import { WORDING } from "../wording";
import { button, el } from "./dom";

/** What the server takes; it looks at the content again. */
export const ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf,.docx,video/mp4";

export interface Acts {
  say: (text: string) => void;
  attach: (file: File) => void;
}

export class Composer {
  readonly input = el("textarea", {
    id: "say", rows: "2", maxlength: "10000", placeholder: WORDING.inputHint, enterkeyhint: "send", autocomplete: "off",
  });
  readonly element: HTMLElement;
  private readonly day = el("input", { type: "date", class: "day", "aria-label": WORDING.pickDate, hidden: true });
  private readonly topics: HTMLElement;

  constructor(private readonly acts: Acts) {
    this.topics = el("div", { class: "topics", role: "group", "aria-label": WORDING.topics },
      ...WORDING.topicButtons.map((topic) => button(topic.label, "topic", () => this.acts.say(topic.text))));
    const form = el("form", { class: "write" },
      el("label", { for: "say", class: "unseen" }, WORDING.inputLabel),
      this.picker(),
      this.day,
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
    this.input.addEventListener("paste", (event) => {
      for (const file of event.clipboardData?.files ?? []) this.acts.attach(file);
    });
    this.day.addEventListener("change", () => {
      if (this.day.value) this.input.value = this.day.value;
      this.input.focus();
    });
    this.element = el("div", { class: "composer" }, this.topics, form);
  }

  /** Fits the input to the question that is open: a telephone's keys, a day to pick, or plain words. */
  fit(card: QuestionCard | null): void {
    this.input.inputMode = card?.input === "tel" ? "tel" : "text";
    this.day.hidden = card?.input !== "date";
    this.day.value = "";
    // In the middle of a form the topics would lead away from it.
    this.topics.hidden = card !== null;
  }

  private picker(): HTMLElement {
    const chooser = el("input", { type: "file", accept: ACCEPTED, multiple: true, class: "unseen", tabindex: "-1", "aria-hidden": "true" });
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
