// The conversation's life on this page: open, send through the outbox, follow, come back after a lost line or a reload.

import { backoffMs, Sleeper } from "./backoff";
import { newId } from "./ids";
import { Line, LineError } from "./line";
import type { Memory } from "./memory";
import { Outbox } from "./outbox";
import type { TranscriptStore } from "./store";
import { pageTurnstile, type Turnstile } from "./turnstile";
import type { Draft, Session } from "./types";

export type Notice = "expired" | "started";

export class Talk {
  private session: Session | null;
  private closed = false;
  private follower: AbortController | null = null;
  private readonly sleeper = new Sleeper();
  private readonly outbox: Outbox;

  constructor(
    private readonly line: Line,
    private readonly memory: Memory,
    private readonly store: TranscriptStore,
    private readonly event: string | null,
    private readonly notify: (notice: Notice) => void,
    private readonly oneAtATime: Turnstile = pageTurnstile(),
  ) {
    this.session = memory.session();
    this.outbox = new Outbox(memory, store, oneAtATime, {
      send: (draft) => this.send(draft), catchUp: () => this.catchUp(), expire: () => this.expire(),
    });
  }

  /** Restores both sides of a talk that was going on, then sends what had not gone out. */
  async start(): Promise<void> {
    let known = false;
    if (this.session) {
      try {
        this.store.takeHistory(await this.line.history(this.session, 0), true);
        known = true;
      } catch {
        // follow() tries again and says what is wrong.
      }
    }
    this.outbox.show();
    if (this.session) void this.follow(!known);
    void this.outbox.flush();
  }

  say(text: string): void {
    this.outbox.add({ clientId: newId(), label: text, text });
  }

  choose(choice: string, label: string): void {
    this.outbox.add({ clientId: newId(), label, choice });
  }

  /** Sends a file into the talk; the answer comes over the stream as any. The same id again is the same file. */
  async attach(file: File, clientId: string, progress: { signal: AbortSignal; sent: (part: number) => void }): Promise<void> {
    const send = async (): Promise<void> => this.line.upload(await this.opened(), file, clientId, progress.signal, progress.sent);
    try {
      await send();
    } catch (fault) {
      if (!(fault instanceof LineError) || !fault.sessionLost || !this.outbox.mayReopenFor(clientId)) throw fault;
      this.expire();
      await send();
    }
  }

  /** A small picture of a file of this talk; null where there is none, or where the line gives none. */
  async preview(file: string): Promise<Blob | null> {
    for (let attempt = 0; attempt < 3 && this.session; attempt += 1) {
      try {
        return await this.line.preview(this.session, file);
      } catch (fault) {
        if (!(fault instanceof LineError) || !fault.passing) return null;
        await this.sleeper.sleep(backoffMs(attempt + 1));
      }
    }
    return null;
  }

  async rate(reply: number, solved: boolean, reason?: string): Promise<void> {
    const session = this.session;
    if (!session) return;
    await this.line.rate(session, reply, solved, reason);
    this.memory.keepRated(session.conversation, reply, solved ? "solved" : (reason ?? "unsolved"));
  }

  /** What was said of an answer on this machine: `solved`, `unsolved` or the code of a reason. */
  rated(reply: number): string | null {
    return this.session && this.memory.rated(this.session.conversation, reply);
  }

  /** Ends the talk at the server too, and forgets it here. */
  async end(): Promise<void> {
    const session = this.session;
    this.restart();
    if (session) await this.line.end(session).catch(() => undefined);
  }

  /** Waits for staff no more; what becomes of it comes over the stream. */
  async stopWaiting(): Promise<void> {
    if (this.session) await this.line.stopWaiting(this.session);
  }

  /** A code with which a phone goes on with this talk; begins one where nothing was said yet. */
  async handover(wechat = false): Promise<string> {
    return this.line.handover(await this.opened(), wechat);
  }

  /** Lets go for good: nothing more is sent, followed or kept here. Gives the session, which the server should be told to end. */
  close(): Session | null {
    const session = this.session;
    this.closed = true;
    this.drop();
    this.outbox.close();
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
    this.outbox.clear();
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
    const begun = this.session !== null;
    this.follower?.abort();
    this.session = found;
    if (begun) {
      this.outbox.forget();
      this.store.clear();
      this.notify("started");
    }
    this.outbox.show();
    if (found) void this.follow(true);
  }

  /** Another tab changed the outbox: show what it says, and send it where that tab does not. */
  outboxChanged(): void {
    this.outbox.show();
    void this.outbox.flush();
  }

  /** The network is back or the page is looked at again: do not wait out the pause. */
  wake(): void {
    this.sleeper.wake();
    this.outbox.wake();
  }

  /** A tab that still follows an earlier talk must not put its token in the place of the newer talk's. */
  renew(token: string): void {
    if (!this.session) return;
    this.session = { ...this.session, token };
    if (this.memory.session()?.conversation === this.session.conversation) this.memory.keepSession(this.session);
  }

  private async send(draft: Draft): Promise<void> {
    const session = await this.opened();
    // Before the call: the answer may come over the stream before the call returns.
    this.store.setTyping(true);
    try {
      await this.line.send(session, draft);
    } catch (fault) {
      this.store.setTyping(false);
      throw fault;
    }
  }

  private async catchUp(): Promise<void> {
    this.store.takeHistory(await this.line.history(await this.opened(), this.store.last), false);
  }

  /** The session; where there is none, the one that another tab has just begun, or a new one. */
  private opened(): Promise<Session> {
    if (this.session) return Promise.resolve(this.session);
    return this.oneAtATime("open", async () => {
      if (this.session) return this.session;
      const begun = this.memory.session();
      const session = begun ?? (await this.line.open(this.event));
      if (this.closed) {
        void this.line.end(session).catch(() => undefined);
        throw new LineError(0, "closed", "");
      }
      this.session = session;
      this.memory.keepSession(session);
      void this.follow(begun !== null);
      return session;
    });
  }

  private expire(): void {
    if (!this.session) return;
    this.drop();
    this.notify("expired");
  }

  private drop(): void {
    this.follower?.abort();
    this.follower = null;
    if (this.memory.session()?.conversation === this.session?.conversation) this.memory.keepSession(null);
    this.session = null;
    this.store.nextTalk();
  }

  /** Replays from the last number seen, then stays on the stream; again and again until the session ends. `restored`: what comes first is old. */
  private async follow(restored: boolean): Promise<void> {
    this.follower?.abort();
    const control = new AbortController();
    this.follower = control;
    let attempt = 0;
    let first = true;
    while (!control.signal.aborted && this.session) {
      let reached = false;
      try {
        const history = await this.line.history(this.session, this.store.last);
        if (control.signal.aborted) return;
        this.store.takeHistory(history, restored && first);
        this.store.setLine(true);
        reached = true;
        first = false;
        attempt = 0;
        await this.line.stream(this.session, this.store.last, control.signal, (event) => {
          if (control.signal.aborted) return;
          if (event.type === "reply") this.store.takeReply(event.reply);
          else if (event.type === "said") this.store.takeSaid(event.said);
          else if (event.type === "service") this.store.setService(event.service);
          else this.store.setTyping(event.pending);
        });
      } catch (fault) {
        if (control.signal.aborted) return;
        if (fault instanceof LineError && !fault.passing) {
          this.expire();
          return;
        }
        // A stream that breaks off may go on at once, at another server: only when that fails too is the line lost.
        if (!reached) this.store.setLine(false);
      }
      await this.sleeper.sleep(backoffMs(attempt));
      attempt += 1;
    }
  }
}
