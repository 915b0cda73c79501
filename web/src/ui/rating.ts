// Under each answer: solved or not, and where not, why. One tap each; it can be changed until the page closes.

import { WORDING } from "../wording";
import { button, el } from "./dom";
import type { TranscriptActs } from "./transcript";

export function rating(reply: number, acts: Pick<TranscriptActs, "rate" | "announce">): HTMLElement {
  const said = el("span", { class: "state" });
  const reasons = el("div", { class: "reasons", role: "group", "aria-label": WORDING.unsolvedWhy, hidden: true });
  const tell = (text: string): void => {
    said.textContent = text;
    acts.announce(text);
  };
  const send = (solved: boolean, reason?: string): void => {
    acts.rate(reply, solved, reason).then(
      () => tell(solved || reason ? WORDING.solvedThanks : WORDING.unsolvedWhy),
      () => tell(WORDING.refused));
  };
  const pick = (pressed: HTMLButtonElement): void => {
    for (const node of pressed.parentElement?.querySelectorAll("button") ?? []) node.setAttribute("aria-pressed", String(node === pressed));
  };
  const solved = button(WORDING.solved, "rate", (pressed) => {
    pick(pressed);
    reasons.hidden = true;
    send(true);
  });
  const unsolved = button(WORDING.unsolved, "rate", (pressed) => {
    pick(pressed);
    reasons.hidden = false;
    send(false);
  });
  for (const one of WORDING.unsolvedReasons) {
    reasons.append(button(one.label, "rate", (pressed) => {
      pick(pressed);
      send(false, one.code);
    }));
  }
  const group = el("div", { role: "group", "aria-label": WORDING.solvedAsk }, el("span", {}, WORDING.solvedAsk), solved, unsolved);
  return el("div", { class: "rating" }, group, reasons, said);
}
