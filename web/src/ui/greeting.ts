// What stands at the head of a talk: who this is, what it is not, and the questions that many ask.

import type { Asked } from "../core/types";
import { WORDING } from "../wording";
import { button, el } from "./dom";

export class Greeting {
  readonly element: HTMLElement;
  private readonly asked = el("div", { class: "asked", role: "group", "aria-label": WORDING.topics, hidden: true });
  private readonly begin = el("span", {}, WORDING.begin);
  private inForm = false;

  /** `links`: the ways to other pages, where there are any. */
  constructor(private readonly say: (text: string) => void, links: HTMLElement | null = null) {
    this.element = el("div", { class: "greeting" },
      el("p", {}, WORDING.greeting, this.begin), this.asked, el("p", { class: "privacy" }, WORDING.privacy), links);
  }

  get isFilled(): boolean {
    return this.asked.childElementCount > 0;
  }

  fill(asked: readonly Asked[]): void {
    const buttons = asked.map((one) => button(one.label, "topic", () => this.say(one.say)));
    this.asked.replaceChildren(...(asked.length ? [el("p", { class: "heading", "aria-hidden": "true" }, WORDING.topics), ...buttons] : []));
    this.show();
  }

  /** In the middle of a form the questions would lead away from it. */
  fit(inForm: boolean): void {
    this.inForm = inForm;
    this.show();
  }

  private show(): void {
    this.asked.hidden = this.inForm || !this.isFilled;
    this.begin.textContent = this.asked.hidden ? WORDING.begin : WORDING.beginOrTap;
  }
}
