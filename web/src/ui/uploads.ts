// Files on their way: progress, a way to stop, the server's sentence where one is refused.

import { LineError } from "../core/line";
import { WORDING } from "../wording";
import { button, el } from "./dom";

/** A larger file is refused here already; the server has the last word. */
const MOST_MB = 20;

export interface Progress {
  signal: AbortSignal;
  sent: (part: number) => void;
}

export class Uploads {
  readonly element = el("ul", { class: "uploads" });

  constructor(private readonly announce: (text: string) => void) {}

  /** Shows the file on its way; `send` resolves when the server has it. */
  begin(file: File, send: (progress: Progress) => Promise<void>): void {
    const breaker = new AbortController();
    const bar = el("progress", { max: "100", value: "0", "aria-label": file.name });
    const said = el("span", { class: "state" }, WORDING.uploading(0));
    const stop = button(WORDING.cancelUpload, "stop", () => breaker.abort());
    const row = el("li", {}, el("span", { class: "name" }, file.name), bar, said, stop);
    this.element.append(row);
    if (file.size > MOST_MB * 1_000_000) {
      this.end(row, said, WORDING.fileTooLarge(MOST_MB));
      return;
    }
    const sent = (part: number): void => {
      bar.value = Math.round(part * 100);
      said.textContent = WORDING.uploading(bar.value);
    };
    send({ signal: breaker.signal, sent }).then(
      () => {
        row.remove();
        this.announce(`${file.name} ${WORDING.uploaded}`);
      },
      (fault: unknown) => {
        if (breaker.signal.aborted) row.remove();
        else this.end(row, said, fault instanceof LineError && fault.message ? fault.message : WORDING.refused);
      });
  }

  private end(row: HTMLElement, said: HTMLElement, text: string): void {
    said.textContent = text;
    this.announce(text);
    row.querySelector("progress")?.remove();
    row.querySelector("button")?.replaceWith(button("×", "stop", () => row.remove()));
    row.querySelector("button")?.setAttribute("aria-label", WORDING.close);
  }
}
