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
  private clock: ReturnType<typeof setInterval> | null = null;

  /** `leave` resolves when the server has heard it; `refocus` is called when the button, and with it the focus, goes away. */
  constructor(leave: () => Promise<void>, private readonly announce: (text: string) => void, private readonly refocus: () => void) {
    this.leave = button(WORDING.waitNoMore, "leave", (pressed) => {
      if (pressed.getAttribute("aria-disabled") === "true") return;
      pressed.setAttribute("aria-disabled", "true");
      void leave().catch(() => this.announce(WORDING.waitFailed)).finally(() => pressed.removeAttribute("aria-disabled"));
    });
    this.element = el("section", { class: "service", "aria-label": WORDING.service, hidden: true }, this.text, this.leave);
  }

  show(service: Service): void {
    const before = this.service;
    const focused = this.element.contains(document.activeElement) || this.leave.matches(":focus");
    this.service = service;
    if (this.clock) clearInterval(this.clock);
    this.clock = service.state === "waiting" ? setInterval(() => this.tell(), LOOK_MS) : null;
    this.tell();
    this.element.hidden = service.state === "bot";
    this.leave.hidden = service.state !== "waiting";
    if (focused && this.leave.hidden) this.refocus();
    // That the wait begins, and who speaks, the messages themselves say; a nearer place nobody else says.
    if (before?.state === "waiting" && service.state === "waiting" && before.place !== service.place) this.announce(place(service));
  }

  private tell(): void {
    const service = this.service;
    if (!service || service.state === "bot") this.text.textContent = "";
    else if (service.state === "staff") this.text.textContent = WORDING.withStaff(service.name ?? "");
    else this.text.textContent = `${place(service)}${WORDING.waited(minutes(service))}`;
  }
}

function place(service: Service): string {
  return WORDING.place((service.place ?? 1) - 1);
}

function minutes(service: Service): number {
  const since = service.since ? Date.parse(service.since) : NaN;
  return Number.isNaN(since) ? 0 : Math.max(0, Math.floor((Date.now() - since) / 60_000));
}
