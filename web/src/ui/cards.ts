// One function for each card of aid/replies.py. A card's figures of certainty are not shown.

import type { AnswerCard, Card, EvidenceLine, QuestionCard, ReceiptCard, StatusCard, SummaryCard } from "../core/types";
import { day, WORDING } from "../wording";
import { button, copyText, el, type Child } from "./dom";
import { renderMarkdown } from "./markdown";
import { savePicture } from "./picture";

type Announce = (text: string) => void;

/** What a card can set going. */
export interface CardActs {
  announce: Announce;
  say: (text: string) => void;
}

function list(title: string, entries: readonly string[], ordered = false): Child {
  if (!entries.length) return null;
  const items = el(ordered ? "ol" : "ul", {}, ...entries.map((entry) => el("li", {}, entry)));
  return el("div", { class: "part" }, el("h3", {}, title), items);
}

function facts(pairs: [string, string][]): HTMLElement {
  return el("dl", {}, ...pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function answer(card: AnswerCard): HTMLElement {
  const basis = card.basis.map((one) => {
    const name = `${one.law}${one.version ? `（${one.version}）` : ""}${one.article ?? ""}`;
    return one.says ? `${name}：${one.says}` : name;
  });
  return el("div", { class: "card answer" },
    el("h2", {}, card.label),
    el("p", { class: "short" }, card.short),
    el("details", { open: card.unfolded },
      el("summary", {}, WORDING.more),
      list(WORDING.points, card.points),
      list(WORDING.steps, card.steps, true),
      list(WORDING.basis, basis),
      el("p", { class: "checked" }, `${WORDING.checked}：${day(card.checked)}`)));
}

function question(card: QuestionCard): HTMLElement {
  const bar = el("progress", { max: String(card.steps), value: String(card.step), "aria-hidden": "true" });
  return el("div", { class: "card question" },
    el("p", { class: "progress" }, bar,
      el("span", { "aria-hidden": "true" }, WORDING.progress(card.step, card.steps)),
      el("span", { class: "unseen" }, WORDING.progressSpoken(card.step, card.steps))),
    el("div", { class: "ask" }, renderMarkdown(card.ask)),
    card.why && el("p", { class: "why" }, `${WORDING.why}：${card.why}`),
    card.skip && el("p", { class: "skip" }, card.skip));
}

function summary(card: SummaryCard, acts: CardActs): HTMLElement {
  const rows = card.lines.map((line) => {
    // A file is taken back by the button under the reply that received it.
    if (line.field === "evidence") return el("tr", {}, el("th", { scope: "row" }, line.label), el("td", { colspan: "2" }, line.value));
    const change = button(WORDING.change, "change", () => acts.say(WORDING.changeSay(line.label)));
    change.setAttribute("aria-label", WORDING.changeLabel(line.label));
    const row = el("tr", {}, el("th", { scope: "row" }, line.label), el("td", { class: "value" }, line.value), el("td", {}, change));
    // A finger may tap the line anywhere; the button is for keys and ears, and is what the tap presses.
    row.className = "tappable";
    row.addEventListener("click", (event) => event.target === change || window.getSelection()?.toString() || change.click());
    return row;
  });
  const head = el("tr", { class: "heads" },
    el("th", { scope: "col" }, WORDING.field), el("th", { scope: "col" }, WORDING.value), el("th", { scope: "col" }, WORDING.change));
  return el("div", { class: "card summary" },
    el("h2", {}, WORDING.summary),
    el("table", { "aria-label": WORDING.summary }, el("thead", {}, head), el("tbody", {}, ...rows)),
    el("p", {}, WORDING.summaryHint),
    facts([[WORDING.receiver, card.receiver]]),
    list(WORDING.reasons, card.reasons),
    list(WORDING.notes, card.notes));
}

function evidence(file: EvidenceLine): string {
  return `${file.type} ${file.name}（${WORDING.sign} ${file.sign}）`;
}

function receipt(card: ReceiptCard, { announce }: CardActs): HTMLElement {
  const note = card.expected_is_estimate ? WORDING.estimate : "";
  const told = (pressed: HTMLButtonElement, text: string): void => {
    pressed.textContent = text;
    announce(text);
  };
  const copy = button(WORDING.copy, "copy", (pressed) => {
    const text = `${WORDING.number} ${card.number}\n${WORDING.code} ${card.lookup_code}`;
    void copyText(text, pressed).then((done) => told(pressed, done ? WORDING.copied : WORDING.copyFailed));
  });
  const save = button(WORDING.savePicture, "save", (pressed) => {
    void savePicture(card).then((done) => told(pressed, done ? WORDING.saved : WORDING.saveFailed));
  });
  return el("div", { class: "card receipt" },
    el("h2", {}, WORDING.receipt),
    el("dl", { class: "big" },
      el("dt", {}, WORDING.number), el("dd", {}, card.number),
      el("dt", {}, WORDING.code), el("dd", {}, card.lookup_code)),
    el("p", {}, WORDING.codeHint), el("p", { class: "acts" }, copy, save),
    facts([
      [WORDING.receiver, card.receiver],
      [WORDING.expected, day(card.expected) + note],
      ...(card.phones.length ? [[WORDING.phones, card.phones.join("、")] as [string, string]] : []),
    ]),
    list(WORDING.reasons, card.reasons),
    list(WORDING.evidence, (card.evidence ?? []).map(evidence)),
    list(WORDING.materials, card.materials));
}

function status(card: StatusCard): HTMLElement {
  return el("div", { class: "card status" },
    el("h2", {}, `${WORDING.status}：${card.state_label}`),
    facts([
      [WORDING.number, card.number], [WORDING.receiver, card.receiver],
      [WORDING.received, day(card.received)], [WORDING.expected, day(card.expected)],
    ]),
    list(WORDING.deadlines, card.deadlines),
    list(WORDING.events, card.events, true));
}

/** The card as nodes; null for a card with nothing to see (none, or candidates, whose labels are buttons). */
export function renderCard(card: Card, hasChoices: boolean, acts: CardActs): HTMLElement | null {
  switch (card.kind) {
    case "answer": return answer(card);
    case "question": return question(card);
    case "summary": return summary(card, acts);
    case "receipt": return receipt(card, acts);
    case "status": return status(card);
    case "candidates":
      return hasChoices ? null : el("div", { class: "card candidates" }, list(WORDING.candidates, card.labels));
    case "none": return null;
  }
}

/** Cards that show everything that the reply's text says: the text is for doors and ears without cards. */
const WHOLE = new Set(["answer", "question", "summary", "receipt", "status"]);

export function saysAll(card: Card | null): boolean {
  return card !== null && WHOLE.has(card.kind);
}

/** The card in plain words, for ears, where the reply brings no `speak` of its own. */
export function speakCard(card: Card | null): string {
  switch (card?.kind) {
    case "answer": return `${card.label}。${card.short}`;
    case "question": return `${WORDING.progressSpoken(card.step, card.steps)}。${card.ask}`;
    case "summary": return `${WORDING.summary}。${card.lines.map((line) => `${line.label}：${line.value}`).join("；")}`;
    case "receipt": return `${WORDING.receipt}。${WORDING.number} ${card.number}，${WORDING.code} ${card.lookup_code}`;
    case "status": return `${WORDING.status}：${card.state_label}`;
    case "candidates": return `${WORDING.candidates}：${card.labels.join("，")}`;
    default: return "";
  }
}
