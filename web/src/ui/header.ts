// The head of a talk: title, text size, colours, language, new conversation, and closing where there is something to close.

import type { Memory } from "../core/memory";
import { WORDING } from "../wording";
import { button, el } from "./dom";

export interface Tools {
  /** The element that carries `large` and `data-theme`: the page's root or the widget's host. */
  root: HTMLElement;
  memory: Memory;
  restart: () => void;
  switchLanguage: () => void;
  close?: (() => void) | undefined;
}

/** Puts the kept size and colours on the root. */
export function applyLook(root: HTMLElement, memory: Memory): void {
  root.classList.toggle("large", memory.large());
  const theme = memory.look().theme;
  if (theme) root.dataset["theme"] = theme;
}

function sizeButton({ root, memory }: Tools): HTMLButtonElement {
  const label = (): string => (memory.large() ? WORDING.largeOff : WORDING.largeOn);
  const node = button(label(), "size", () => {
    memory.keepLarge(!memory.large());
    applyLook(root, memory);
    node.textContent = label();
  });
  return node;
}

function themeButton({ root, memory }: Tools): HTMLButtonElement {
  return button(WORDING.theme, "theme", () => {
    const dark = root.dataset["theme"] ? root.dataset["theme"] === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    memory.keepLook({ theme: dark ? "light" : "dark" });
    applyLook(root, memory);
  });
}

/** Asks before it lets go of the talk; Escape and "no" come back to where one was. */
function restartButton(restart: () => void): HTMLElement[] {
  const dialog = el("dialog", { "aria-labelledby": "restart-ask" }, el("p", { id: "restart-ask" }, WORDING.restartAsk));
  dialog.append(
    button(WORDING.restartYes, "yes", () => {
      dialog.close();
      restart();
    }),
    button(WORDING.restartNo, "no", () => dialog.close()));
  return [button(WORDING.restart, "restart", () => dialog.showModal()), dialog];
}

export function buildHeader(tools: Tools): HTMLElement {
  const [restart, dialog] = restartButton(tools.restart);
  const language = button(WORDING.language, "language", tools.switchLanguage);
  language.setAttribute("aria-label", `${WORDING.language} ${WORDING.languageLabel}`);
  const closing = tools.close && button(WORDING.close, "close", tools.close);
  return el("header", {},
    el("h1", { id: "aid-title" }, WORDING.title),
    el("div", { class: "tools" }, sizeButton(tools), themeButton(tools), language, restart, closing),
    dialog);
}
