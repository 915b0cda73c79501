// A talk comes over from another device. The answer may get lost on the way: the same code is then asked for again with the same secret.

import { backoffMs } from "./backoff";
import { newId } from "./ids";
import { LineError, type Line } from "./line";
import type { Memory } from "./memory";

const TRIES = 8;

/** `taken`: the talk is this device's own; `refused`: the server's sentence; `later`: the line is bad, and the page may ask again. */
export type Outcome = { kind: "taken" } | { kind: "refused"; message: string } | { kind: "later" } | { kind: "nothing" };

/**
 * Makes the other device's talk this one's own. `scanned`: the code in the page's address; null where there is none, then only a try goes on
 * whose answer did not come before the page was closed, and only where no other talk was begun since.
 */
export async function takeOver(line: Line, memory: Memory, scanned: string | null, sleep: (ms: number) => Promise<void>): Promise<Outcome> {
  const kept = memory.takeOver();
  const current = memory.session()?.conversation ?? "";
  if (scanned === null && kept?.over !== current) return { kind: "nothing" };
  const pending = kept && (scanned ?? kept.code) === kept.code ? kept : { code: scanned ?? "", device: newId(), over: current };
  memory.keepTakeOver(pending);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (attempt) await sleep(backoffMs(attempt - 1));
    try {
      const session = await line.takeOver(pending);
      memory.keepOutbox([]);
      memory.keepSession(session);
      memory.keepTakeOver(null);
      return { kind: "taken" };
    } catch (fault) {
      if (fault instanceof LineError && fault.passing) continue;
      memory.keepTakeOver(null);
      // A try from before that is too old by now is nothing to trouble anybody with.
      return scanned === null ? { kind: "nothing" } : { kind: "refused", message: fault instanceof LineError ? fault.message : "" };
    }
  }
  return { kind: "later" };
}
