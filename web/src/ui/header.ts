// The head of the page: title, text size, new conversation.

import type { Memory } from "../core/memory";
import { WORDING } from "../wording";
import { button, el } from "./dom";

function sizeButton(memory: Memory): HTMLButtonElement {
  const show = (node: HTMLButtonElement, large: boolean): void => {
    document.documentElement.classList.toggle("large", large);
    node.textContent = large ? WORDING.largeOff : WORDING.largeOn;
  };
  const node = button("", "size", (pressed) => {
    memory.keepLarge(!memory.large());
    show(pressed, memory.large());
  });
  show(node, memory.large());
  return node;
}

/** Asks before it lets go of the talk; Escape and "no" come back to where one was. */
function restartButton(restart: () => void): { node: HTMLElement; dialog: HTMLDialogElement } {
  const dialog = el("dialog", { "aria-labelledby": "restart-ask" }, el("p", { id: "restart-ask" }, WORDING.restartAsk));
  dialog.append(
    button(WORDING.restartYes, "yes", () => {
      dialog.close();
      restart();
    }),
    button(WORDING.restartNo, "no", () => dialog.close()));
  return { node: button(WORDING.restart, "restart", () => dialog.showModal()), dialog };
}

export function buildHeader(memory: Memory, restart: () => void): HTMLElement {
  const { node, dialog } = restartButton(restart);
  return el("header", {}, el("h1", {}, WORDING.title), el("div", { class: "tools" }, sizeButton(memory), node), dialog);
}
