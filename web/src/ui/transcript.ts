// The visible transcript. It is no live region: the Announcer speaks new items.

import { plainText } from "../core/markdown";
import type { Item } from "../core/store";
import type { Reply } from "../core/types";
import { WORDING } from "../wording";
import { renderCard, saysAll, speakCard } from "./cards";
import { button, el, focused } from "./dom";
import { renderMarkdown } from "./markdown";
import { rating } from "./rating";
import { thumbnail } from "./thumbnail";

export interface TranscriptActs {
  choose: (id: string, label: string) => void;
  say: (text: string) => void;
  /** Resolves when the server has kept it. */
  rate: (reply: number, solved: boolean, reason?: string) => Promise<void>;
  /** What was said of an answer before. */
  rated: (reply: number) => string | null;
  /** A small picture of a file of this talk. */
  preview: (file: string) => Promise<Blob | null>;
  announce: (text: string) => void;
}

/** Choices of these cards stay open after one was taken: a person may look at several. */
const STAY_OPEN = new Set(["answer", "candidates", "none", "status"]);

export class Transcript {
  readonly element = el("section", { class: "transcript", "aria-label": WORDING.transcript, tabindex: "0" });
  private readonly list = el("ol", { class: "items", lang: "zh-CN" });
  private readonly typing = el("p", { class: "typing", hidden: true }, WORDING.typing);
  private readonly shown = new Map<string, HTMLElement>();
  private readonly chosen = new Set<string>();

  constructor(private readonly acts: TranscriptActs) {
    this.element.append(this.list, this.typing);
    this.element.addEventListener("keydown", (event) => this.walk(event));
  }

  add(item: Item, restored: boolean): void {
    const stick = this.atEnd() || item.type === "said";
    const node = item.type === "said" ? this.said(item) : this.reply(item.reply);
    this.shown.set(item.key, node);
    this.list.append(node);
    if (item.type === "said" && item.choice) this.markChosen(item.choice);
    if (!restored && item.type === "reply") this.acts.announce(spoken(item.reply));
    if (stick || restored) this.showEnd(restored ? null : node);
  }

  change(item: Item): void {
    const node = this.shown.get(item.key);
    if (!node || item.type !== "said") return;
    const state = node.querySelector(".state");
    const note = saidNote(item);
    if (state) state.textContent = note;
    if (item.state === "refused") this.acts.announce(note);
  }

  note(text: string): void {
    this.list.append(el("li", { class: "note" }, text));
    this.showEnd(null);
  }

  /** The panel around it has been opened: what came meanwhile is measured only now. */
  opened(): void {
    this.showEnd(null);
  }

  clear(): void {
    this.list.replaceChildren();
    this.shown.clear();
    this.chosen.clear();
  }

  setTyping(on: boolean): void {
    const stick = on && this.atEnd();
    this.typing.hidden = !on;
    if (stick) this.showEnd(null);
  }

  /** Arrows, Home and End go from item to item; from an item, Tab goes on to what can be pressed in it. */
  private walk(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const items = [...this.list.querySelectorAll<HTMLElement>(".item")];
    if (!items.length) return;
    event.preventDefault();
    const here = items.findIndex((item) => item.contains(focused(item)));
    // From the transcript itself the first step goes to the newest.
    const next = here < 0 && Number.isFinite(step) ? items.length - 1 : Math.max(0, Math.min(items.length - 1, here + step));
    items[next]?.focus();
    items[next]?.scrollIntoView({ block: "nearest" });
  }

  private said(item: Item & { type: "said" }): HTMLElement {
    const bubble = el("p", { class: "bubble" }, item.file ? fileName(item.text) : item.text || "…");
    if (item.file) this.show(item.file, bubble);
    return el("li", { class: "item said", tabindex: "-1" },
      el("span", { class: "unseen" }, `${WORDING.you}：`),
      bubble,
      el("span", { class: "state" }, saidNote(item)));
  }

  /** The picture comes when it comes; where it does not, the file's name stands alone. */
  private show(file: string, bubble: HTMLElement): void {
    const name = bubble.textContent ?? "";
    bubble.classList.add("file");
    void this.acts.preview(file).then((blob) => blob && thumbnail(blob, WORDING.pictureOf(name))).then((picture) => {
      if (!picture) return;
      const stick = this.atEnd();
      bubble.prepend(picture);
      if (stick) this.showEnd(null);
    });
  }

  private reply(reply: Reply): HTMLElement {
    const bubble = el("div", { class: "bubble" });
    if (reply.text.trim() && !saysAll(reply.card)) bubble.append(renderMarkdown(reply.text));
    const card = reply.card && renderCard(reply.card, reply.choices.length > 0, this.acts);
    if (card) bubble.append(card);
    const kind = reply.author ? ` ${reply.author.kind}` : "";
    const node = el("li", { class: `item reply${kind}`, tabindex: "-1" }, el("span", { class: reply.author ? "sign" : "unseen" }, `${speaker(reply)}：`));
    if (bubble.childNodes.length) node.append(bubble);
    if (reply.choices.length) node.append(this.choices(reply));
    if (reply.card?.kind === "answer") node.append(rating(reply.number, this.acts));
    return node;
  }

  private choices(reply: Reply): HTMLElement {
    const open = STAY_OPEN.has(reply.card?.kind ?? "");
    const group = el("div", { class: "choices", role: "group", "data-open": open });
    for (const choice of reply.choices) {
      const node = button(choice.label, "choice", (pressed) => {
        if (pressed.getAttribute("aria-disabled") === "true") return;
        this.markChosen(choice.id);
        this.acts.choose(choice.id, choice.label);
      });
      node.dataset["choice"] = choice.id;
      group.append(node);
    }
    for (const choice of reply.choices) if (this.chosen.has(choice.id)) this.closeGroup(group, choice.id);
    return group;
  }

  /** A taken choice stays readable and in focus; it only answers no more. */
  private markChosen(id: string): void {
    this.chosen.add(id);
    const node = this.list.querySelector(`[data-choice="${CSS.escape(id)}"]`);
    if (node?.parentElement) this.closeGroup(node.parentElement, id);
  }

  private closeGroup(group: HTMLElement, id: string): void {
    const open = group.hasAttribute("data-open");
    for (const node of group.querySelectorAll<HTMLElement>("[data-choice]")) {
      const taken = node.dataset["choice"] === id;
      if (taken || !open) node.setAttribute("aria-disabled", "true");
      if (taken && !node.querySelector(".unseen")) node.append(el("span", { class: "unseen" }, `（${WORDING.chosen}）`));
      if (taken) node.classList.add("taken");
    }
  }

  private atEnd(): boolean {
    const box = this.element;
    return box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  }

  /** To the end; but the head of a long new answer stays in sight. */
  private showEnd(node: HTMLElement | null): void {
    const box = this.element;
    const end = box.scrollHeight - box.clientHeight;
    const head = node ? node.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop - 8 : end;
    box.scrollTop = Math.min(head, end);
  }
}

/** ［文件］photo.jpg, as the record has it, by its name alone. */
function fileName(text: string): string {
  return text.replace(/^［[^［］]{1,8}］/, "") || text;
}

function saidNote(item: Item & { type: "said" }): string {
  if (item.state === "sent") return "";
  return item.note || (item.state === "waiting" ? WORDING.waiting : WORDING.refused);
}

/** Who says it: the assistant, staff by their sign, or the house. */
function speaker(reply: Reply): string {
  if (!reply.author) return WORDING.bot;
  return reply.author.kind === "staff" ? WORDING.staffSays(reply.author.name) : reply.author.name;
}

function spoken(reply: Reply): string {
  const words = reply.speak || [plainText(reply.text), speakCard(reply.card)].filter(Boolean).join("。").replace(/([。！？：；])。/g, "$1");
  const choices = reply.choices.map((choice) => choice.label).join("，");
  return `${speaker(reply)}：${words}${choices ? `。${choices}` : ""}`;
}
