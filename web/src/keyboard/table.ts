// The table of words by pinyin (made by aid/keyboard/table.py, which says how it is written), as a tree of syllables.

export interface Word {
  text: string;
  /** -ln of how likely it is meant. */
  cost: number;
}

const QUARTERS = 4;

/** What may follow after some syllables, and the words that end here, the likelier first. */
export class Syllables {
  /** By the first letter of the next syllable. */
  readonly next = new Map<string, Map<string, Syllables>>();
  private raw = "";
  private read: Word[] | null = null;

  /** The words; taken apart when first asked for, because most never are. */
  get words(): readonly Word[] {
    this.read ??= [...this.raw.matchAll(/(\D+)(\d+)/g)].map(([, text = "", cost]) => ({ text, cost: Number(cost) / QUARTERS }));
    return this.read;
  }

  get ends(): boolean {
    return this.raw !== "";
  }

  /** Every word here and further on. */
  *all(): Generator<Word> {
    yield* this.words;
    for (const group of this.next.values()) for (const below of group.values()) yield* below.all();
  }

  put(syllables: readonly string[], raw: string): void {
    let at: Syllables = this;
    for (const syllable of syllables) {
      const letter = syllable.charAt(0);
      let group = at.next.get(letter);
      if (!group) at.next.set(letter, (group = new Map()));
      let below = group.get(syllable);
      if (!below) group.set(syllable, (below = new Syllables()));
      at = below;
    }
    at.raw = raw;
  }
}

/** The table as a tree. Lines that are not as they should be are left out. */
export function parseTable(text: string): Syllables {
  const root = new Syllables();
  let before: string[] = [];
  for (const line of text.split("\n")) {
    const [, same, rest, words] = /^(\d+) ([a-z ]+)\t(.+)$/.exec(line) ?? [];
    if (!rest || !words) continue;
    before = [...before.slice(0, Number(same)), ...rest.split(" ")];
    root.put(before, words);
  }
  return root;
}
