// The pinyin that is open: letters typed and not yet turned into words. Knows nothing of the page.

import { read, type Candidate, type Reading } from "./pinyin";
import type { Syllables } from "./table";

/** More letters than any phrase has; what comes after is not taken. */
export const MOST_LETTERS = 48;
const NOTHING: Reading = { candidates: [], syllables: [] };

export class Composition {
  private typed = "";
  private reading: Reading = NOTHING;
  private table: Syllables | null = null;

  /** From now on letters are read by this table; those that are open at once. */
  use(table: Syllables): void {
    this.table = table;
    this.set(this.typed);
  }

  get open(): boolean {
    return this.typed !== "";
  }

  /** As typed, without the marks between syllables. */
  get letters(): string {
    return this.typed.replaceAll("'", "");
  }

  get candidates(): readonly Candidate[] {
    return this.reading.candidates;
  }

  /** As it is read: zhi'shi'chan'quan. */
  get shown(): string {
    return this.reading.syllables.length ? this.reading.syllables.join("'") : this.typed;
  }

  add(letter: string): void {
    if (letter === "'" && (!this.open || this.typed.endsWith("'"))) return;
    if (this.typed.length < MOST_LETTERS) this.set(this.typed + letter);
  }

  back(): void {
    this.set(this.typed.slice(0, -1));
  }

  clear(): void {
    this.set("");
  }

  /** The words of a candidate; the letters that it does not stand for stay open. */
  take(candidate: Candidate): string {
    this.set(this.typed.slice(candidate.length).replace(/^'+/, ""));
    return candidate.text;
  }

  private set(typed: string): void {
    this.typed = typed;
    this.reading = typed && this.table ? read(this.table, typed) : NOTHING;
  }
}
