// When a person has gone: after a minute without a touch a countdown is seen, after that the kiosk is wiped.

export const IDLE_MS = 60_000;
export const COUNT_MS = 15_000;
const TICK_MS = 250;

/** The time and a way to be called again and again; tests bring their own. */
export interface Ticker {
  now: () => number;
  /** Gives the way to stop it. */
  every: (ms: number, act: () => void) => () => void;
}

export const browserTicker: Ticker = {
  now: () => Date.now(),
  every: (ms, act) => {
    const timer = setInterval(act, ms);
    return () => clearInterval(timer);
  },
};

export interface IdleActs {
  /** Whole seconds that are left; told when they change. */
  count: (seconds: number) => void;
  /** Somebody is there after all. */
  resume: () => void;
  over: () => void;
}

export class IdleClock {
  private last = 0;
  private shown = 0;
  private stop: (() => void) | null = null;

  constructor(private readonly acts: IdleActs, private readonly ticker: Ticker = browserTicker) {}

  /** Begins to watch; what went before does not count. */
  start(): void {
    this.halt();
    this.last = this.ticker.now();
    this.stop = this.ticker.every(TICK_MS, () => this.tick());
  }

  /** Watches no more. */
  halt(): void {
    this.stop?.();
    this.stop = null;
    this.shown = 0;
  }

  /** A sign of life. */
  touch(): void {
    if (!this.stop) return;
    this.last = this.ticker.now();
    if (!this.shown) return;
    this.shown = 0;
    this.acts.resume();
  }

  private tick(): void {
    // From the clock, not by counting: a machine that slept must not show what a person left hours ago.
    const left = IDLE_MS + COUNT_MS - (this.ticker.now() - this.last);
    if (left <= 0) {
      this.halt();
      this.acts.over();
    } else if (left <= COUNT_MS) {
      const seconds = Math.ceil(left / 1000);
      if (seconds !== this.shown) this.acts.count(seconds);
      this.shown = seconds;
    }
  }
}
