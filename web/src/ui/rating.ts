// Under each answer: solved or not, and where not, why. One tap each; it can be changed, and what was said is remembered on this machine.

import { WORDING } from "../wording";
import { button, el } from "./dom";
import type { TranscriptActs } from "./transcript";

export function rating(reply: number, acts: Pick<TranscriptActs, "rate" | "rated" | "announce">): HTMLElement {
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
    said.textContent = "";
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
  const before = acts.rated(reply);
  for (const one of WORDING.unsolvedReasons) {
    const node = button(one.label, "rate", (pressed) => {
      pick(pressed);
      send(false, one.code);
    });
    if (before) node.setAttribute("aria-pressed", String(one.code === before));
    reasons.append(node);
  }
  if (before) {
    solved.setAttribute("aria-pressed", String(before === "solved"));
    unsolved.setAttribute("aria-pressed", String(before !== "solved"));
    reasons.hidden = before === "solved";
  }
  const group = el("div", { role: "group", "aria-label": WORDING.solvedAsk }, el("span", {}, WORDING.solvedAsk), solved, unsolved);
  return el("div", { class: "rating" }, group, reasons, said);
}
