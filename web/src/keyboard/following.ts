// What often follows the words before the caret: 知识 → 产权, 光电 → 博览会, 科技 → 有限公司. From the table alone; nothing typed is remembered.

import type { Syllables } from "./table";

const LONGEST = 6;
/** A longer phrase is worth offering only when it is a common one. */
const DEAREST = 11;
const MOST = 9;

export class Following {
  private readonly byStart = new Map<string, Map<string, number>>();

  constructor(table: Syllables) {
    for (const { text, cost } of table.all()) {
      if (cost > DEAREST || text.length < 3) continue;
      for (let length = 2; length < Math.min(text.length, LONGEST + 1); length++) this.put(text.slice(0, length), text.slice(length), cost);
    }
  }

  /** The likelier first; by the longest end of the text with which a phrase begins. */
  after(text: string): string[] {
    for (let length = Math.min(LONGEST, text.length); length >= 2; length--) {
      const found = this.byStart.get(text.slice(-length));
      if (found) return [...found].sort(([, one], [, other]) => one - other).slice(0, MOST).map(([rest]) => rest);
    }
    return [];
  }

  private put(start: string, rest: string, cost: number): void {
    const found = this.byStart.get(start) ?? new Map<string, number>();
    found.set(rest, Math.min(cost, found.get(rest) ?? cost));
    this.byStart.set(start, found);
  }
}
