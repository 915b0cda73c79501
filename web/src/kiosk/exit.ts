// The hidden way out for staff: five taps in the upper left corner, then the PIN.

import { LineError } from "../core/line";
import { button, el } from "../ui/dom";
import type { Front } from "./dialogs";
import { KIOSK } from "./wording";

export const CORNER_PX = 100;
export const TAPS = 5;
export const TAPS_MS = 4000;
const PAD_MS = 30_000;
const MOST = 12;

/** Counts taps in the corner; true at the last of five that came together. */
export class CornerTaps {
  private times: number[] = [];

  tap(x: number, y: number, now: number): boolean {
    if (x > CORNER_PX || y > CORNER_PX) {
      this.times = [];
      return false;
    }
    this.times = [...this.times.filter((time) => now - time < TAPS_MS), now];
    if (this.times.length < TAPS) return false;
    this.times = [];
    return true;
  }
}

export interface ExitActs {
  /** Resolves where the PIN is right. */
  check: (pin: string) => Promise<void>;
  leave: () => void;
}

export function showPad(front: Front, acts: ExitActs): void {
  let pin = "";
  const shown = el("p", { class: "dots", role: "status" }, KIOSK.pinShown(0));
  const said = el("p", { class: "said", role: "alert" });
  const show = (): void => {
    shown.textContent = pin ? "●".repeat(pin.length) : KIOSK.pinShown(0);
    shown.setAttribute("aria-label", KIOSK.pinShown(pin.length));
  };
  const type = (figure: string): void => {
    said.textContent = "";
    if (pin.length < MOST) pin += figure;
    show();
  };
  const drop = (): void => {
    pin = pin.slice(0, -1);
    show();
  };
  const send = (): void => {
    if (!pin) return;
    const tried = pin;
    pin = "";
    show();
    acts.check(tried).then(acts.leave, (fault: unknown) => {
      said.textContent = (fault instanceof LineError && fault.message) || KIOSK.pinOffline;
    });
  };
  const figures = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((figure) => button(figure, "figure", () => type(figure)));
  const keys = el("div", { class: "pad", role: "group", "aria-label": KIOSK.pin }, ...figures,
    button(KIOSK.pinBack, "drop", drop), button("0", "figure", () => type("0")), button(KIOSK.pinOk, "ok", send));
  const late = setTimeout(() => dialog.close(), PAD_MS);
  const dialog = front.show("exit", KIOSK.pinTitle, [shown, said, keys, button(KIOSK.pinCancel, "cancel", () => dialog.close())], () => clearTimeout(late));
  dialog.addEventListener("keydown", (event) => {
    if (/^\d$/.test(event.key)) type(event.key);
    else if (event.key === "Backspace") drop();
    else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) send();
  });
}
