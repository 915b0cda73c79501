// The conversation's life on this page: open, send through the outbox, follow, come back after a lost line or a reload.

import { backoffMs, Sleeper } from "./backoff";
import { newId } from "./ids";
import { Line, LineError } from "./line";
import type { Memory } from "./memory";
import type { TranscriptStore } from "./store";
import type { Draft, Session } from "./types";

export type Notice = "expired" | "started";

export class Talk {
  private session: Session | null;
  private flushing = false;
  private closed = false;
  private follower: AbortController | null = null;
  private readonly sleeper = new Sleeper();
  /** Texts for which a lost session was opened anew, once each. */
  private readonly reopenedFor = new Set<string>();

  constructor(
    private readonly line: Line,
    private readonly memory: Memory,
    private readonly store: TranscriptStore,
    private readonly event: string | null,
    private readonly notify: (notice: Notice) => void,
  ) {
    this.session = memory.session();
  }

  /** Restores both sides of a talk that was going on, then sends what had not gone out. */
  async start(): Promise<void> {
    if (this.session) {
      try {
        this.store.takeHistory(await this.line.history(this.session, 0), true);
      } catch {
        // follow() tries again and says what is wrong.
      }
    }
    for (const draft of this.memory.outbox()) this.store.addDraft(draft, true);
    if (this.session) void this.follow();
    void this.flush();
  }

  say(text: string): void {
    this.queue({ clientId: newId(), label: text, text });
  }

  choose(choice: string, label: string): void {
    this.queue({ clientId: newId(), label, choice });
  }

  /** Sends a file into the talk; the answer comes over the stream as any. */
  async attach(file: File, progress: { signal: AbortSignal; sent: (part: number) => void }): Promise<void> {
    const session = this.session ?? (await this.open());
    await this.line.upload(session, file, newId(), progress.signal, progress.sent);
  }

  async rate(reply: number, solved: boolean, reason?: string): Promise<void> {
    if (this.session) await this.line.rate(this.session, reply, solved, reason);
  }

  /** Ends the talk at the server too, and forgets it here. */
  async end(): Promise<void> {
    const session = this.session;
    this.restart();
    if (session) await this.line.end(session).catch(() => undefined);
  }

  /** A code with which a phone goes on with this talk; begins one where nothing was said yet. */
  async handover(): Promise<string> {
    return this.line.handover(this.session ?? (await this.open()));
  }

  /** Lets go for good: nothing more is sent, followed or kept here. Gives the session, which the server should be told to end. */
  close(): Session | null {
    const session = this.session;
    this.closed = true;
    this.drop();
    this.memory.keepOutbox([]);
    this.store.clear();
    this.sleeper.wake();
    return session;
  }

  /** Lets go of the stream; what was kept stays for the next start. */
  stop(): void {
    this.follower?.abort();
  }

  /** Forgets this talk on this page and begins another with the next message. */
  restart(): void {
    this.drop();
    this.memory.keepOutbox([]);
    this.store.clear();
    this.notify("started");
  }

  /** Another tab changed the session: follow that one. */
  adopt(): void {
    const found = this.memory.session();
    if (found?.conversation === this.session?.conversation) {
      this.session = found;
      return;
    }
    this.follower?.abort();
    this.session = found;
    this.store.clear();
    if (found) void this.follow();
  }

  /** The network is back or the page is looked at again: do not wait out the pause. */
  wake(): void {
    this.sleeper.wake();
  }

  renew(token: string): void {
    if (!this.session) return;
    this.session = { ...this.session, token };
    this.memory.keepSession(this.session);
  }

  private queue(draft: Draft): void {
    this.memory.keepOutbox([...this.memory.outbox(), draft]);
    this.store.addDraft(draft);
    void this.flush();
  }

  private async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    try {
      let attempt = 0;
      for (let draft = this.memory.outbox()[0]; draft; draft = this.memory.outbox()[0]) {
        try {
          await this.deliver(draft);
          attempt = 0;
        } catch (fault) {
          const wait = this.judge(draft, fault, attempt);
          attempt += 1;
          if (wait > 0) await this.sleeper.sleep(wait);
        }
      }
    } finally {
      this.flushing = false;
    }
  }

  private async deliver(draft: Draft): Promise<void> {
    const session = this.session ?? (await this.open());
    // Before the call: the answer may come over the stream before the call returns.
    this.store.setTyping(true);
    try {
      await this.line.send(session, draft);
    } catch (fault) {
      this.store.setTyping(false);
      throw fault;
    }
    this.discard(draft);
    this.store.markSaid(draft.clientId, "sent");
    this.store.setLine(true);
  }

  /** What a failed delivery means; gives the milliseconds to wait before the next try. */
  private judge(draft: Draft, fault: unknown, attempt: number): number {
    const error = fault instanceof LineError ? fault : new LineError(0, "line", "");
    if (error.sessionLost && draft.text !== undefined && !this.reopenedFor.has(draft.clientId)) {
      this.reopenedFor.add(draft.clientId);
      this.expire();
      return 1;
    }
    if (error.passing) {
      this.store.setLine(error.status === 429);
      this.store.markSaid(draft.clientId, "waiting", error.message);
      return Math.max(error.retryAfter * 1000, backoffMs(attempt));
    }
    if (error.sessionLost) this.expire();
    this.discard(draft);
    this.store.markSaid(draft.clientId, "refused", error.message);
    return 0;
  }

  private discard(draft: Draft): void {
    this.memory.keepOutbox(this.memory.outbox().filter((one) => one.clientId !== draft.clientId));
  }

  private async open(): Promise<Session> {
    const opened = await this.line.open(this.event);
    if (this.closed) {
      void this.line.end(opened).catch(() => undefined);
      throw new LineError(0, "closed", "");
    }
    this.session = opened;
    this.memory.keepSession(this.session);
    void this.follow();
    return this.session;
  }

  private expire(): void {
    if (!this.session) return;
    this.drop();
    this.notify("expired");
  }

  private drop(): void {
    this.follower?.abort();
    this.follower = null;
    this.session = null;
    this.memory.keepSession(null);
    this.store.nextTalk();
  }

  /** Replays from the last number seen, then stays on the stream; again and again until the session ends. */
  private async follow(): Promise<void> {
    this.follower?.abort();
    const control = new AbortController();
    this.follower = control;
    const restored = this.store.last === 0;
    let attempt = 0;
    let first = true;
    while (!control.signal.aborted && this.session) {
      try {
        const history = await this.line.history(this.session, this.store.last);
        if (control.signal.aborted) return;
        this.store.takeHistory(history, restored && first);
        this.store.setLine(true);
        first = false;
        attempt = 0;
        await this.line.stream(this.session, this.store.last, control.signal, (event) => {
          if (control.signal.aborted) return;
          if (event.type === "reply") this.store.takeReply(event.reply);
          else if (event.type === "said") this.store.takeSaid(event.said);
          else this.store.setTyping(event.pending);
        });
      } catch (fault) {
        if (control.signal.aborted) return;
        if (fault instanceof LineError && !fault.passing) {
          this.expire();
          return;
        }
        this.store.setLine(false);
      }
      await this.sleeper.sleep(backoffMs(attempt));
      attempt += 1;
    }
  }
}
