// Files dropped anywhere on the talk.

import { WORDING } from "../wording";
import { el } from "./dom";

/** `area` takes dropped files; a veil over it says so while they hover. What is dropped and is no file is left to the browser. */
export function takeDrops(area: HTMLElement, take: (files: FileList) => void): void {
  const veil = el("div", { class: "veil", "aria-hidden": "true", hidden: true }, el("p", {}, WORDING.dropHere));
  area.append(veil);
  const hovers = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true;
  area.addEventListener("dragover", (event) => {
    if (!hovers(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  area.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node && area.contains(event.relatedTarget))) veil.hidden = true;
  });
  area.addEventListener("drop", (event) => {
    veil.hidden = true;
    if (!hovers(event) || !event.dataTransfer) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
}
