// The hidden polite live region. It holds only what is new, and is emptied after a second.

import { el } from "./dom";

const KEPT_MS = 1000;

export class Announcer {
  readonly element = el("div", { class: "unseen", role: "status", "aria-live": "polite" });

  say(text: string): void {
    const line = el("p", {}, text);
    this.element.append(line);
    setTimeout(() => line.remove(), KEPT_MS);
  }
}
