// The input and the topic buttons.

import { WORDING } from "../wording";
import { button, el } from "./dom";

export class Composer {
  readonly input = el("textarea", {
    id: "say", rows: "2", maxlength: "10000", placeholder: WORDING.inputHint, enterkeyhint: "send", autocomplete: "off",
  });
  readonly element: HTMLElement;

  constructor(private readonly say: (text: string) => void) {
    const topics = el("div", { class: "topics", role: "group", "aria-label": WORDING.topics },
      ...WORDING.topicButtons.map((topic) => button(topic.label, "topic", () => this.say(topic.text))));
    const form = el("form", { class: "write" },
      el("label", { for: "say", class: "unseen" }, WORDING.inputLabel),
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
    this.element = el("div", { class: "composer" }, topics, form);
  }

  private submit(): void {
    const text = this.input.value.trim();
    this.input.value = "";
    this.input.focus();
    if (text) this.say(text);
  }
}
