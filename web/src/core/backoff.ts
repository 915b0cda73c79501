// Waiting between tries: longer each time, never in step with the other pages, cut short when the network comes back.

const STEPS_MS = [500, 1000, 2000, 4000, 8000, 15000];

/** Milliseconds before try `attempt` (0 is the first repeat), with up to a quarter added by `random` in [0, 1). */
export function backoffMs(attempt: number, random: number = Math.random()): number {
  const step = STEPS_MS[Math.min(attempt, STEPS_MS.length - 1)] ?? 15000;
  return step * (1 + random / 4);
}

/** Sleeps that `wake` ends early. */
export class Sleeper {
  private readonly sleeping = new Set<() => void>();

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.sleeping.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.sleeping.add(done);
    });
  }

  wake(): void {
    for (const done of [...this.sleeping]) done();
  }
}
