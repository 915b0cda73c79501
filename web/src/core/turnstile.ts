// One at a time over all tabs of the site, where the browser can (Web Locks, on https and localhost); else one at a time on this page.

export type Turnstile = <Got>(name: string, work: () => Promise<Got>) => Promise<Got>;

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
export function turnstile(scope: string, locks: LockManager | undefined = globalThis.navigator?.locks): Turnstile {
  if (!locks) return pageTurnstile();
  return async (name, work) => (await locks.request(`aid:${scope}${name}`, work)) as Awaited<ReturnType<typeof work>>;
}
