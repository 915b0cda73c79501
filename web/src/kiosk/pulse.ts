// The kiosk's own sign of life: it beats while all is well, looks often while the line is down, and tells who must know.

import { Sleeper } from "../core/backoff";
import { LineError } from "../core/line";

export const BEAT_MS = 30_000;
export const LOST_MS = 4_000;
/** So long after an outage the line counts as unsteady. */
export const UNSTEADY_MS = 600_000;

export interface PulseActs {
  /** One call to the server; throws a LineError where it fails. */
  beat: () => Promise<void>;
  changed: (ok: boolean) => void;
}

export class Pulse {
  ok = true;
  outages = 0;
  private lostAt = -Infinity;
  private readonly sleeper = new Sleeper();

  constructor(private readonly acts: PulseActs, private readonly now: () => number = Date.now) {}

  get steady(): boolean {
    return this.now() - this.lostAt > UNSTEADY_MS;
  }

  /** Beats until `signal` ends it. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.acts.beat();
        this.set(true);
      } catch (fault) {
        // Whoever refuses is there: only silence and a broken server are a lost line.
        this.set(fault instanceof LineError && (fault.status === 429 || !fault.passing));
      }
      if (!signal.aborted) await this.sleeper.sleep(this.ok ? BEAT_MS : LOST_MS);
    }
  }

  /** Something speaks for a change: look at once. */
  look(): void {
    this.sleeper.wake();
  }

  /** The machine itself says that it has no network. */
  lost(): void {
    this.set(false);
    this.look();
  }

  private set(ok: boolean): void {
    if (!ok) this.lostAt = this.now();
    if (ok === this.ok) return;
    this.ok = ok;
    if (!ok) this.outages += 1;
    this.acts.changed(ok);
  }
}
