// From letters to words: every way to read the letters as syllables, whole or shortened, and the likeliest words over them.

import { Syllables } from "./table";

export interface Candidate {
  text: string;
  /** How many letters it stands for, from the first. */
  length: number;
}

export interface Reading {
  /** The likelier first. */
  candidates: Candidate[];
  /** The letters cut into syllables as the likeliest reading has them. */
  syllables: string[];
}

/** A way along the letters that ends at words of the table. */
interface Match {
  end: number;
  at: Syllables;
  penalty: number;
  /** Where each syllable ends. */
  cuts: number[];
}

interface Path {
  cost: number;
  text: string;
  cuts: number[];
  words: number;
  /** Where letters begin that no word stands for; the length where there are none. */
  end: number;
}

// Natural logarithms, as the costs of the table.
const SHORTENED = 3;
const UNFINISHED = 1.5;
/** For more letters to come after what is a syllable already. */
const COMPLETE = 6;
const MISHEARD = 8;
const PARTIAL = 2;
const UNREAD = 25;
const MOST = 400;
const MARK = "'";

/** What the letters from `letters[0]` on may mean. `'` parts syllables. */
export function read(root: Syllables, letters: string): Reading {
  const matches = [...letters].map((_, start) => matchesFrom(root, letters, start));
  const best = likeliest(matches, letters);
  const whole = best[0];
  if (!whole) return { candidates: [], syllables: [] };
  const found = new Map<string, { length: number; cost: number }>();
  const put = (text: string, length: number, cost: number): void => {
    const before = found.get(text);
    if (!before || cost < before.cost) found.set(text, { length, cost });
  };
  if (whole.words > 1) put(whole.text, whole.end, whole.cost);
  for (const match of matches[0] ?? []) {
    const rest = match.end < letters.length ? (best[match.end]?.cost ?? UNREAD) + PARTIAL : 0;
    for (const word of match.at.words) put(word.text, match.end, word.cost + match.penalty + rest);
  }
  const ranked = [...found].sort(([, one], [, other]) => one.cost - other.cost).slice(0, MOST);
  return { candidates: ranked.map(([text, { length }]) => ({ text, length })), syllables: cut(letters, whole.cuts) };
}

/** For each place the likeliest words from there to the end. */
function likeliest(matches: readonly Match[][], letters: string): Path[] {
  const best: Path[] = [];
  best[letters.length] = { cost: 0, text: "", cuts: [], words: 0, end: letters.length };
  for (let start = letters.length - 1; start >= 0; start--) {
    const after = best[start + 1] as Path;
    const skipped = letters[start] === MARK;
    let path: Path = skipped ? after : { cost: UNREAD + after.cost, text: "", cuts: [start + 1, ...after.cuts], words: 0, end: start };
    for (const match of matches[start] ?? []) {
      const word = match.at.words[0];
      const rest = best[match.end] as Path;
      const cost = (word?.cost ?? UNREAD) + match.penalty + rest.cost;
      if (word && cost < path.cost) {
        path = { cost, text: word.text + rest.text, cuts: [...match.cuts, ...rest.cuts], words: rest.words + 1, end: rest.end };
      }
    }
    best[start] = path;
  }
  return best;
}

/** Every word of the table that the letters from `start` on may stand for. */
function matchesFrom(root: Syllables, letters: string, start: number): Match[] {
  const found: Match[] = [];
  const walk = (from: Syllables, at: number, penalty: number, cuts: number[]): void => {
    if (letters[at] === MARK) at += 1;
    for (const [syllable, below] of followers(from, letters.charAt(at))) {
      for (const [end, extra] of spellings(root, syllable, letters, at)) {
        const match: Match = { end, at: below, penalty: penalty + extra, cuts: [...cuts, end] };
        // A single misheard syllable would only crowd out what was typed.
        if (below.ends && !(cuts.length === 0 && extra >= MISHEARD)) found.push(match);
        if (end < letters.length) walk(below, end, match.penalty, match.cuts);
      }
    }
  };
  if (letters[start] !== MARK) walk(root, start, 0, []);
  return found;
}

function* followers(from: Syllables, letter: string): Generator<[string, Syllables]> {
  const group = from.next.get(letter);
  if (group) yield* group;
}

/** The ends to which `letters` from `at` on may spell the syllable, and what each costs. */
function spellings(root: Syllables, syllable: string, letters: string, at: number): [number, number][] {
  const found: [number, number][] = [];
  for (const [form, penalty] of forms(syllable)) if (letters.startsWith(form, at)) found.push([at + form.length, penalty]);
  const left = letters.length - at;
  const tail = letters.slice(at);
  if (left < syllable.length && syllable.startsWith(tail)) {
    found.push([letters.length, root.next.get(tail.charAt(0))?.has(tail) ? COMPLETE : UNFINISHED]);
  }
  const opening = /^[zcs]h/.test(syllable) && letters[at + 1] === "h" ? 2 : 1;
  for (const length of new Set([1, opening])) {
    if (length < syllable.length && length < left) found.push([at + length, SHORTENED]);
  }
  return found;
}

const known = new Map<string, [string, number][]>();

/** How a syllable is written: ü as v, yu or u, and as people write it who hear z for zh or n for ng. */
function forms(syllable: string): [string, number][] {
  let all = known.get(syllable);
  if (all) return all;
  all = [[syllable, 0]];
  if (/^[ln]v/.test(syllable)) {
    all.push([syllable.replace("v", "yu"), 0]);
    all.push([syllable.replace("v", "u"), syllable.endsWith("e") ? 0 : SHORTENED]);
  }
  const openings = /^[zcs]h/.test(syllable) ? [syllable, syllable.charAt(0) + syllable.slice(2)]
    : /^[zcs]/.test(syllable) ? [syllable, `${syllable.charAt(0)}h${syllable.slice(1)}`] : [syllable];
  for (const form of openings) {
    const other = /[aei]ng$/.test(form) ? form.slice(0, -1) : /[aei]n$/.test(form) ? `${form}g` : form;
    for (const heard of [form, other]) if (!all.some(([present]) => present === heard)) all.push([heard, MISHEARD]);
  }
  known.set(syllable, all);
  return all;
}

function cut(letters: string, cuts: readonly number[]): string[] {
  let from = 0;
  return cuts.map((end) => {
    const piece = letters.slice(from, end).replaceAll(MARK, "");
    from = end;
    return piece;
  }).filter(Boolean);
}
