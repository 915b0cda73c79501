// What waits to be sent: kept over a reload, shared by all tabs, sent in order and one at a time, each message until the server has it or refuses it.

import { backoffMs, Sleeper } from "./backoff";
import { LineError } from "./line";
import type { Memory } from "./memory";
import type { TranscriptStore } from "./store";
import type { Turnstile } from "./turnstile";
import type { Draft } from "./types";

/** What the outbox asks of the talk. */
export interface Carrier {
  /** Sends one message; opens a session where there is none. Throws a LineError. */
  send: (draft: Draft) => Promise<void>;
  /** Takes in what the record has and this page does not show yet. Throws a LineError. */
  catchUp: () => Promise<void>;
  /** The session is no longer good. */
  expire: () => void;
}

export class Outbox {
  private flushing = false;
  private closed = false;
  private readonly sleeper = new Sleeper();
  /** Messages for which a lost session was opened anew, once each. */
  private readonly reopenedFor = new Set<string>();
  /** What is shown here as waiting. The memory has it too, unless another tab has sent it or wrote at the same moment. */
  private readonly waiting = new Map<string, Draft>();

  constructor(
    private readonly memory: Memory,
    private readonly store: TranscriptStore,
    private readonly oneAtATime: Turnstile,
    private readonly carrier: Carrier,
  ) {}

  add(draft: Draft): void {
    this.waiting.set(draft.clientId, draft);
    this.memory.keepOutbox([...this.memory.outbox(), draft]);
    this.store.addDraft(draft);
    void this.flush();
  }

  /** Shows what the memory holds: written before a reload, or in another tab. */
  show(): void {
    for (const draft of this.closed ? [] : this.memory.outbox()) {
      if (this.store.isSettled(draft.clientId)) continue;
      this.waiting.set(draft.clientId, draft);
      this.store.addDraft(draft, true);
    }
  }

  /** Another talk is followed from now on: what this page showed as waiting belongs to the earlier one. */
  forget(): void {
    this.waiting.clear();
  }

  clear(): void {
    this.memory.keepOutbox([]);
    this.waiting.clear();
  }

  /** Nothing more is sent. */
  close(): void {
    this.closed = true;
    this.clear();
    this.sleeper.wake();
  }

  wake(): void {
    this.sleeper.wake();
  }

  /** A lost session is opened anew for a message once. */
  mayReopenFor(clientId: string): boolean {
    if (this.reopenedFor.has(clientId)) return false;
    this.reopenedFor.add(clientId);
    return true;
  }

  async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    try {
      let attempt = 0;
      while (!this.closed && this.anythingLeft()) {
        const wait = await this.oneAtATime("outbox", () => this.sendNext(attempt));
        attempt = wait > 0 ? attempt + 1 : 0;
        if (wait > 0 && !this.closed) await this.sleeper.sleep(wait);
      }
    } finally {
      this.flushing = false;
    }
  }

  private anythingLeft(): boolean {
    for (const id of [...this.waiting.keys()]) if (this.store.isSettled(id)) this.waiting.delete(id);
    return this.waiting.size > 0 || this.memory.outbox().length > 0;
  }

  /** Sends one message; gives the milliseconds to wait before the next try. */
  private async sendNext(attempt: number): Promise<number> {
    if (this.closed) return 0;
    const kept = this.memory.outbox();
    const draft = kept.find((one) => !this.store.isSettled(one.clientId)) ?? this.waiting.values().next().value;
    if (!draft) {
      this.memory.keepOutbox([]);
      return 0;
    }
    try {
      // Shown here as waiting and no longer kept: another tab has sent it, most likely; the record says so.
      if (!kept.includes(draft)) await this.carrier.catchUp();
      if (!this.store.isSettled(draft.clientId)) await this.deliver(draft);
      return 0;
    } catch (fault) {
      return this.judge(draft, fault, attempt);
    }
  }

  private async deliver(draft: Draft): Promise<void> {
    await this.carrier.send(draft);
    this.discard(draft);
    this.store.markSaid(draft.clientId, "sent");
    this.store.setLine(true);
  }

  /** What a failed delivery means; gives the milliseconds to wait before the next try. */
  private judge(draft: Draft, fault: unknown, attempt: number): number {
    const error = fault instanceof LineError ? fault : new LineError(0, "line", "");
    if (this.closed) return 0;
    if (error.sessionLost && draft.text !== undefined && this.mayReopenFor(draft.clientId)) {
      this.carrier.expire();
      return 1;
    }
    if (error.passing) {
      this.store.setLine(error.status === 429);
      this.store.markSaid(draft.clientId, "waiting", error.message);
      return Math.max(error.retryAfter * 1000, backoffMs(attempt));
    }
    if (error.sessionLost) this.carrier.expire();
    this.discard(draft);
    this.store.markSaid(draft.clientId, "refused", error.message);
    return 0;
  }

  private discard(draft: Draft): void {
    this.waiting.delete(draft.clientId);
    this.memory.keepOutbox(this.memory.outbox().filter((one) => one.clientId !== draft.clientId));
  }
}
