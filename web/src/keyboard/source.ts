// The table of words: one file of this site, fetched once.

import { parseTable, type Syllables } from "./table";

const FILE = "keyboard.txt";
// While the script itself runs; a moment later the browser no longer says where it came from.
const script = typeof document === "undefined" ? null : document.currentScript;
const address = script instanceof HTMLScriptElement && script.src ? new URL(FILE, script.src).href : FILE;

let loading: Promise<Syllables> | null = null;

/** The table; `null` while it cannot be had (the next call tries again). */
export async function loadTable(): Promise<Syllables | null> {
  loading ??= fetchTable();
  try {
    return await loading;
  } catch {
    loading = null;
    return null;
  }
}

async function fetchTable(): Promise<Syllables> {
  const answer = await fetch(address, { signal: AbortSignal.timeout(30_000) });
  if (!answer.ok) throw new Error(`${FILE}: ${answer.status}`);
  return parseTable(await answer.text());
}
