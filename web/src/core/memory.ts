// What survives a reload: the session, the outbox, the text size. Works on where storage is forbidden, until the page closes.

import type { Draft, Session } from "./types";

export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** A shelf that forgets with the page. */
export function plainShelf(): Shelf {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

export const SESSION_KEY = "aid.session";
export const OUTBOX_KEY = "aid.outbox";
const LARGE_KEY = "aid.large";
const LOOK_KEY = "aid.look";

export type Size = "s" | "m" | "l" | "xl";
export interface Look { language?: "zh" | "en"; theme?: "light" | "dark" | "system"; size?: Size; open?: boolean; rated?: string[] }

const MOST_RATED = 60;

export class Memory {
  private readonly spare = plainShelf();

  /** `scope` keeps apart what several sites on one origin keep. */
  constructor(private readonly shelf: Shelf, private readonly scope = "") {}

  session(): Session | null {
    const found = this.read<Partial<Session>>(SESSION_KEY);
    return found && typeof found.conversation === "string" && typeof found.token === "string"
      ? { conversation: found.conversation, token: found.token }
      : null;
  }

  keepSession(session: Session | null): void {
    this.write(SESSION_KEY, session);
  }

  outbox(): Draft[] {
    const found = this.read<Draft[]>(OUTBOX_KEY);
    return Array.isArray(found) ? found.filter((draft) => typeof draft?.clientId === "string") : [];
  }

  keepOutbox(drafts: Draft[]): void {
    this.write(OUTBOX_KEY, drafts.length ? drafts : null);
  }

  large(): boolean {
    return this.read<boolean>(LARGE_KEY) === true;
  }

  keepLarge(large: boolean): void {
    this.write(LARGE_KEY, large ? true : null);
  }

  /** What the person chose of the interface: language and colours; absent keys follow the page and the system. */
  look(): Look {
    const found = this.read<Look>(LOOK_KEY);
    return found && typeof found === "object" ? found : {};
  }

  keepLook(change: Look): void {
    this.write(LOOK_KEY, { ...this.look(), ...change });
  }

  /** What was said of an answer: `solved`, or the code of a reason; null where nothing was. */
  rated(conversation: string, reply: number): string | null {
    const begin = `${conversation}:${reply}:`;
    return this.look().rated?.find((one) => one.startsWith(begin))?.slice(begin.length) ?? null;
  }

  keepRated(conversation: string, reply: number, word: string): void {
    const begin = `${conversation}:${reply}:`;
    const others = (this.look().rated ?? []).filter((one) => !one.startsWith(begin));
    this.keepLook({ rated: [...others, begin + word].slice(-MOST_RATED) });
  }

  private read<T>(key: string): T | null {
    let raw: string | null = null;
    try {
      raw = this.shelf.getItem(this.scope + key);
    } catch {
      raw = null;
    }
    raw ??= this.spare.getItem(this.scope + key);
    if (raw === null) return null;
    try {
      return JSON.parse(raw) as T;
    } catch {
      return null;
    }
  }

  private write(name: string, value: unknown): void {
    const key = this.scope + name;
    const raw = value === null ? null : JSON.stringify(value);
    for (const shelf of [this.shelf, this.spare]) {
      try {
        if (raw === null) shelf.removeItem(key);
        else shelf.setItem(key, raw);
        if (shelf === this.shelf) {
          this.spare.removeItem(key);
          return;
        }
      } catch {
        // Full or forbidden storage: the spare shelf takes it.
      }
    }
  }
}
