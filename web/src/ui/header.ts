// The head of a talk: title, 大字, new conversation, closing where there is something to close; in the menu lookup, text size, colours, language.

import type { Look, Memory, Size } from "../core/memory";
import { WORDING } from "../wording";
import { button, el } from "./dom";

export interface Tools {
  /** The element that carries `large`, `data-size` and `data-theme`: the page's root or the widget's host. */
  root: HTMLElement;
  memory: Memory;
  /** A widget's title is a second-level heading, and its head is no banner: the site has its own. */
  embedded: boolean;
  /** What stands in the way of a new conversation: nothing, a talk, or a form that is not sent. */
  open: () => "nothing" | "talk" | "form";
  restart: () => void;
  lookUp: () => void;
  switchLanguage: () => void;
  close?: (() => void) | undefined;
}

const SIZES: Size[] = ["s", "m", "l", "xl"];
const THEMES: NonNullable<Look["theme"]>[] = ["system", "light", "dark"];

/** Puts the kept size and colours on the root; colours that the site chose stay until the person chooses. */
export function applyLook(root: HTMLElement, memory: Memory): void {
  const { theme, size } = memory.look();
  root.classList.toggle("large", memory.large());
  if (size && size !== "m") root.dataset["size"] = size;
  else delete root.dataset["size"];
  if (theme === "system") delete root.dataset["theme"];
  else if (theme) root.dataset["theme"] = theme;
}

function largeButton({ root, memory }: Tools): HTMLButtonElement {
  const node = button(WORDING.large, "size", () => {
    memory.keepLarge(!memory.large());
    applyLook(root, memory);
    node.setAttribute("aria-pressed", String(memory.large()));
  });
  node.setAttribute("aria-pressed", String(memory.large()));
  return node;
}

/** A row of buttons of which one is pressed. */
function row<Value extends string>(label: string, values: readonly Value[], words: Record<Value, string>, now: () => Value, take: (value: Value) => void): HTMLElement {
  const group = el("div", { class: "row", role: "group", "aria-label": label }, el("span", { "aria-hidden": "true" }, label));
  const nodes = values.map((value) => button(words[value], "pick", () => {
    take(value);
    show();
  }));
  const show = (): void => nodes.forEach((node, index) => node.setAttribute("aria-pressed", String(values[index] === now())));
  show();
  group.append(...nodes);
  return group;
}

/** Lookup, text size, colours and language, unfolded by a button. */
function menu(tools: Tools): [HTMLButtonElement, HTMLElement] {
  const { root, memory } = tools;
  const language = button(WORDING.language, "language", tools.switchLanguage);
  language.setAttribute("aria-label", `${WORDING.language} ${WORDING.languageLabel}`);
  language.lang = WORDING.languageCode;
  const keep = (look: Look): void => {
    memory.keepLook(look);
    applyLook(root, memory);
  };
  const box = el("div", { class: "menu", id: "aid-menu", hidden: true },
    button(WORDING.lookUpTitle, "look", () => {
      fold(false);
      tools.lookUp();
    }),
    row(WORDING.size, SIZES, WORDING.sizes, () => memory.look().size ?? "m", (size) => keep({ size })),
    row(WORDING.theme, THEMES, WORDING.themes, () => memory.look().theme ?? "system", (theme) => keep({ theme })),
    language);
  const opener = button(WORDING.menu, "open-menu", () => fold(box.hidden === true));
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-controls", "aid-menu");
  const fold = (open: boolean): void => {
    box.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
  };
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    fold(false);
    opener.focus();
  });
  return [opener, box];
}

/** Asks before it lets go of a talk; Escape and "no" come back to where one was. */
function restartButton({ open, restart }: Tools): HTMLElement[] {
  const ask = el("p", { id: "restart-ask" });
  const dialog = el("dialog", { class: "ask-restart", "aria-labelledby": "restart-ask" }, ask);
  dialog.append(
    button(WORDING.restartYes, "yes", () => {
      dialog.close();
      restart();
    }),
    button(WORDING.restartNo, "no", () => dialog.close()));
  return [
    button(WORDING.restart, "restart", () => {
      if (open() === "nothing") return restart();
      ask.textContent = open() === "form" ? WORDING.restartAskForm : WORDING.restartAsk;
      dialog.showModal();
    }),
    dialog,
  ];
}

export function buildHeader(tools: Tools): HTMLElement {
  const [restart, dialog] = restartButton(tools);
  const [opener, box] = menu(tools);
  const closing = tools.close && button(WORDING.close, "close", tools.close);
  const title = el(tools.embedded ? "h2" : "h1", { id: "aid-title", class: "title" }, WORDING.name, el("span", { class: "tail" }, WORDING.nameTail));
  return el(tools.embedded ? "div" : "header", { class: "head" },
    title, el("div", { class: "tools" }, largeButton(tools), restart, opener, closing), box, dialog);
}
