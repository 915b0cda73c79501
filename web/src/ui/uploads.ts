// Files on their way, one after another: a small picture, progress, a way to stop, another try where the line failed, the server's sentence where one is refused.

import { newId } from "../core/ids";
import { LineError } from "../core/line";
import { WORDING } from "../wording";
import { button, el, focused } from "./dom";
import { thumbnail } from "./thumbnail";

/** A larger file is refused here already; the server has the last word. */
const MOST_MB = 20;

export interface Progress {
  signal: AbortSignal;
  sent: (part: number) => void;
}

/** Resolves when the server has the file; the same id again is the same file. */
export type Send = (file: File, clientId: string, progress: Progress) => Promise<void>;

interface Acts {
  send: Send;
  announce: (text: string) => void;
  /** Where the focus goes when the button that had it is gone. */
  refocus: () => void;
}

export class Uploads {
  readonly element = el("ul", { class: "uploads", "aria-label": WORDING.uploads });
  private readonly rows = new Set<Row>();
  private before: Promise<void> = Promise.resolve();

  constructor(private readonly acts: Acts) {}

  begin(file: File): void {
    const row: Row = new Row(file, this.acts, () => this.queue(row), () => this.rows.delete(row));
    this.rows.add(row);
    this.element.append(row.element);
    if (file.size > MOST_MB * 1_000_000) row.refuse(WORDING.fileTooLarge(MOST_MB));
    else this.queue(row);
  }

  /** The line is back: what it had cut off goes out by itself. */
  resume(): void {
    for (const row of this.rows) if (row.cutOff) this.queue(row);
  }

  /** Stops what is on its way and forgets the rest. */
  clear(): void {
    for (const row of [...this.rows]) row.drop();
  }

  private queue(row: Row): void {
    row.wait();
    this.before = this.before.then(() => row.send());
  }
}

class Row {
  readonly element: HTMLElement;
  /** Whether the line, and not the server, stopped it. */
  cutOff = false;
  private readonly clientId = newId();
  private readonly bar: HTMLProgressElement;
  private readonly said = el("span", { class: "state" });
  private readonly buttons = el("span", { class: "acts" });
  private breaker = new AbortController();

  constructor(private readonly file: File, private readonly acts: Acts, private readonly again: () => void, private readonly gone: () => void) {
    this.bar = el("progress", { max: "100", value: "0", "aria-label": `${WORDING.upload} ${file.name}` });
    this.element = el("li", {}, el("bdi", { class: "name" }, file.name), this.bar, this.said, this.buttons);
    if (file.type.startsWith("image/")) void thumbnail(file, file.name).then((picture) => picture && this.element.prepend(picture));
  }

  wait(): void {
    this.cutOff = false;
    this.breaker = new AbortController();
    this.bar.hidden = false;
    this.bar.value = 0;
    this.say(WORDING.uploadWaits);
    this.offer([WORDING.cancelUpload, () => this.stop()]);
  }

  async send(): Promise<void> {
    if (this.breaker.signal.aborted) return;
    const sent = (part: number): void => {
      this.bar.value = Math.round(part * 100);
      this.say(this.bar.value < 100 ? WORDING.uploading(this.bar.value) : WORDING.uploadChecked);
    };
    sent(0);
    try {
      await this.acts.send(this.file, this.clientId, { signal: this.breaker.signal, sent });
      this.acts.announce(`${this.file.name} ${WORDING.uploaded}`);
      this.drop();
    } catch (fault) {
      if (!this.breaker.signal.aborted) this.fail(fault);
    }
  }

  refuse(text: string): void {
    this.bar.hidden = true;
    this.element.classList.add("failed");
    this.say(text);
    this.acts.announce(`${this.file.name} ${text}`);
    this.offer([WORDING.dismiss, () => this.drop()]);
  }

  drop(): void {
    this.breaker.abort();
    this.gone();
    this.leave(() => this.element.remove());
  }

  private stop(): void {
    this.acts.announce(`${this.file.name} ${WORDING.uploadStopped}`);
    this.drop();
  }

  private fail(fault: unknown): void {
    const error = fault instanceof LineError ? fault : new LineError(0, "line", "");
    if (!error.passing) return this.refuse(error.message || WORDING.uploadRefused);
    this.refuse(error.message || WORDING.uploadFailed);
    this.cutOff = error.status === 0;
    this.offer([WORDING.retryUpload, () => this.again()], [WORDING.cancelUpload, () => this.stop()]);
  }

  private say(text: string): void {
    this.said.textContent = text;
  }

  private offer(...acts: [string, () => void][]): void {
    this.element.classList.toggle("failed", this.bar.hidden !== false);
    this.leave(() => this.buttons.replaceChildren(...acts.map(([label, act]) => {
      const node = button(label, "stop", act);
      node.setAttribute("aria-label", `${label} ${this.file.name}`);
      return node;
    })));
  }

  /** Changes the row's nodes; a focus that goes with them goes to the input, not to nowhere. */
  private leave(change: () => void): void {
    const had = this.element.contains(focused(this.element));
    change();
    if (had) this.acts.refocus();
  }
}
