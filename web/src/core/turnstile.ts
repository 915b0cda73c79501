// One at a time over all tabs of the site, where the browser can (Web Locks, on https and localhost); else one at a time on this page.

export type Turnstile = <Got>(name: string, work: () => Promise<Got>) => Promise<Got>;

/** Longer than a call to the server may take: who holds the lock past this is asleep, and the server knows a message that is sent twice. */
const PATIENCE_MS = 25_000;

/** A turnstile for this page alone. */
export function pageTurnstile(): Turnstile {
  const lines = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const before = lines.get(name) ?? Promise.resolve();
    const now = before.then(work, work);
    lines.set(name, now.catch(() => undefined));
    return now;
  };
}

/** A turnstile for all tabs; `scope` keeps apart what several sites on one origin do. */
export function turnstile(scope: string, locks: LockManager | undefined = globalThis.navigator?.locks, patienceMs = PATIENCE_MS): Turnstile {
  const alone = pageTurnstile();
  if (!locks) return alone;
  return async <Got>(name: string, work: () => Promise<Got>): Promise<Got> => {
    const breaker = new AbortController();
    const watch = setTimeout(() => breaker.abort(), patienceMs);
    let begun = false;
    const begin = (): Promise<Got> => {
      begun = true;
      clearTimeout(watch);
      return work();
    };
    try {
      return (await locks.request(`aid:${scope}${name}`, { signal: breaker.signal }, begin)) as Got;
    } catch (fault) {
      // Forbidden (a frame without an origin of its own), or waited for too long: this page goes on by itself.
      if (begun) throw fault;
      return alone(name, work);
    } finally {
      clearTimeout(watch);
    }
  };
}
