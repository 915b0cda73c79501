// The strip above the input: that one waits for people of the center, at which place and how long; or that they speak now.

import type { Service } from "../core/types";
import { WORDING } from "../wording";
import { button, el } from "./dom";

const LOOK_MS = 15_000;

export class ServiceStrip {
  private readonly text = el("p", { class: "told" });
  private readonly leave: HTMLButtonElement;
  readonly element: HTMLElement;
  private service: Service | null = null;
  private shownAt = 0;
  private clock: ReturnType<typeof setInterval> | null = null;

  /** `leave` resolves when the server has heard it; `refocus` is called when the button, and with it the focus, goes away. */
  constructor(leave: () => Promise<void>, private readonly announce: (text: string) => void, private readonly refocus: () => void) {
    this.leave = button(WORDING.waitNoMore, "leave", (pressed) => {
      if (pressed.getAttribute("aria-disabled") === "true") return;
      pressed.setAttribute("aria-disabled", "true");
      void leave().catch(() => this.announce(WORDING.waitFailed)).finally(() => pressed.removeAttribute("aria-disabled"));
    });
    this.element = el("section", { class: "attended", "aria-label": WORDING.service, hidden: true }, this.text, this.leave);
  }

  show(service: Service): void {
    const before = this.service;
    const focused = this.element.contains(document.activeElement) || this.leave.matches(":focus");
    this.service = service;
    this.shownAt = performance.now();
    if (this.clock) clearInterval(this.clock);
    this.clock = service.state === "waiting" ? setInterval(() => this.tell(), LOOK_MS) : null;
    this.tell();
    this.element.hidden = service.state === "bot";
    this.leave.hidden = service.state !== "waiting";
    if (focused && this.leave.hidden) this.refocus();
    // That the wait begins, and who speaks, the messages themselves say; a nearer place nobody else says.
    if (before?.state === "waiting" && service.state === "waiting" && before.place !== service.place) this.announce(place(service));
  }

  /** Counted on from what the server said: the clock of a machine may be wrong. */
  private minutes(service: Service): number {
    return Math.floor(((service.waited ?? 0) + (performance.now() - this.shownAt) / 1000) / 60);
  }

  private tell(): void {
    const service = this.service;
    if (!service || service.state === "bot") this.text.textContent = "";
    else if (service.state === "staff") this.text.textContent = WORDING.withStaff(service.name ?? "");
    else this.text.textContent = `${place(service)}${WORDING.waited(this.minutes(service))}`;
  }
}

function place(service: Service): string {
  return WORDING.place((service.place ?? 1) - 1);
}
