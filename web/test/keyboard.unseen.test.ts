// How well phrases are found that nobody chose: the shares are shown, and must not fall.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { pages } from "../src/keyboard/paging";
import { read } from "../src/keyboard/pinyin";
import { parseTable } from "../src/keyboard/table";

const table = parseTable(readFileSync(".tests/keyboard.txt", "utf8"));
const SIZES = { character: 27, padding: 26, least: 60, gap: 6 };
const ROOM = 1080 - 16 - 3 * 72;
const rows = readFileSync("test/unseen.txt", "utf8").split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
  const [pinyin = "", text = ""] = line.split("\t");
  return { letters: pinyin.replaceAll(" ", ""), initials: pinyin.split(" ").map((syllable) => syllable.charAt(0)).join(""), text };
});
const WORDS = rows.slice(0, 100);
const PIECES = rows.slice(100);

function shares(typed: readonly { letters: string; text: string }[]): { first: number; page: number } {
  let first = 0;
  let page = 0;
  for (const { letters, text } of typed) {
    const all = read(table, letters).candidates.map((candidate) => candidate.text);
    const place = all.indexOf(text);
    if (place === 0) first += 1;
    if (place >= 0 && place < (pages(all, ROOM, SIZES)[1] ?? all.length)) page += 1;
  }
  return { first: first / typed.length, page: page / typed.length };
}

const initialsOf = (some: typeof rows) => some.map(({ initials, text }) => ({ letters: initials, text }));

test("words and pieces of sentences that nobody chose are found", (context) => {
  assert.equal(rows.length, 200);
  const found = { words: shares(WORDS), pieces: shares(PIECES), wordsByInitials: shares(initialsOf(WORDS)) };
  context.diagnostic(JSON.stringify(found));
  assert.ok(found.words.page >= 0.92 && found.words.first >= 0.72, JSON.stringify(found.words));
  assert.ok(found.pieces.page >= 0.68 && found.pieces.first >= 0.68, JSON.stringify(found.pieces));
  assert.ok(found.wordsByInitials.page >= 0.4, JSON.stringify(found.wordsByInitials));
});
