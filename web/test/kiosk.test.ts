// The kiosk's parts that need no page: idle clock, kept answers, pulse, endings, corner taps, addresses.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LineError } from "../src/core/line";
import { answer, keyOf, kindOf, type Shelf } from "../src/kiosk/cache";
import { dayName } from "../src/kiosk/days";
import { Endings } from "../src/kiosk/endings";
import { CornerTaps } from "../src/kiosk/exit";
import { handoverAddress } from "../src/kiosk/handover";
import { COUNT_MS, IDLE_MS, IdleClock } from "../src/kiosk/idle";
import { Pulse, UNSTEADY_MS } from "../src/kiosk/pulse";
import { lookupAddress } from "../src/kiosk/receipt";

class Hand {
  at = 1_000_000;
  act: (() => void) | null = null;
  readonly now = (): number => this.at;
  readonly every = (_ms: number, act: () => void): (() => void) => {
    this.act = act;
    return () => { this.act = null; };
  };

  /** Time goes on by `ms`, looked at every quarter of a second, as the browser would. */
  pass(ms: number): void {
    for (let gone = 0; gone < ms; gone += 250) {
      this.at += 250;
      this.act?.();
    }
  }
}

function idle() {
  const hand = new Hand();
  const seen: string[] = [];
  const clock = new IdleClock({ count: (seconds) => seen.push(`${seconds}`), resume: () => seen.push("resume"), over: () => seen.push("over") }, hand);
  return { hand, seen, clock };
}

test("after a minute without a touch fifteen seconds are counted and then it is over, once", () => {
  const { hand, seen, clock } = idle();
  clock.start();
  hand.pass(IDLE_MS - 250);
  assert.deepEqual(seen, []);
  hand.pass(COUNT_MS + 250);
  assert.deepEqual(seen, [...Array.from({ length: 15 }, (_, gone) => `${15 - gone}`), "over"]);
  hand.pass(300_000);
  assert.equal(seen.at(-1), "over");
  assert.equal(seen.filter((one) => one === "over").length, 1);
});

test("a touch in the countdown ends it and the minute begins anew", () => {
  const { hand, seen, clock } = idle();
  clock.start();
  hand.pass(IDLE_MS + 5_000);
  clock.touch();
  assert.equal(seen.at(-1), "resume");
  seen.length = 0;
  hand.pass(IDLE_MS - 250);
  assert.deepEqual(seen, []);
  hand.pass(250);
  assert.deepEqual(seen, ["15"]);
});

test("a machine that slept through the countdown shows nobody's things when it wakes", () => {
  const { hand, seen, clock } = idle();
  clock.start();
  hand.at += 3_600_000;
  hand.act?.();
  assert.deepEqual(seen, ["over"]);
});

test("a touch on a halted clock starts nothing", () => {
  const { hand, seen, clock } = idle();
  clock.start();
  clock.halt();
  clock.touch();
  hand.pass(300_000);
  assert.deepEqual(seen, []);
});

const BASE = new URL("https://aid.example.org/x/");

test("only the kiosk's own files and its content are kept, and nothing of a talk", () => {
  const kind = (path: string, method = "GET"): string => kindOf(method, new URL(path, BASE), BASE);
  for (const path of ["kiosk?event=automobile&station=a", "kiosk.js", "kiosk.css", "icon.svg"]) assert.equal(kind(path), "shell", path);
  assert.equal(kind("v1/kiosk?event=automobile"), "content");
  for (const path of ["v1/conversations", "v1/conversations/c1/messages?after=0", "v1/lookup", "", "app.js", "kiosk-closed.html", "/kiosk", "https://evil.example.net/x/kiosk.js"]) {
    assert.equal(kind(path), "pass", path);
  }
  assert.equal(kind("kiosk", "POST"), "pass");
  assert.equal(keyOf("shell", new URL("kiosk?station=a", BASE)), keyOf("shell", new URL("kiosk?station=b", BASE)));
  assert.notEqual(keyOf("content", new URL("v1/kiosk?event=a", BASE)), keyOf("content", new URL("v1/kiosk?event=b", BASE)));
});

function shelf(kept: Record<string, string> = {}): Shelf & { kept: Record<string, string> } {
  return {
    kept,
    match: async (key) => (key in kept ? new Response(kept[key]) : undefined),
    put: async (key, response) => { kept[key] = await response.text(); },
  };
}

test("what the line gives is shown and kept", async () => {
  const one = shelf({ k: "old" });
  assert.equal(await (await answer("k", async () => new Response("new"), one)).text(), "new");
  assert.equal(one.kept["k"], "new");
});

test("a cut line, a broken server and a slow one show what was kept, and keep it", async () => {
  const cut = async (): Promise<Response> => { throw new TypeError("network"); };
  const broken = async (): Promise<Response> => new Response("bad gateway", { status: 502 });
  const slow = (): Promise<Response> => new Promise((resolve) => setTimeout(() => resolve(new Response("late")), 60));
  for (const ask of [cut, broken]) {
    const one = shelf({ k: "old" });
    assert.equal(await (await answer("k", ask, one)).text(), "old");
    assert.equal(one.kept["k"], "old");
  }
  const one = shelf({ k: "old" });
  assert.equal(await (await answer("k", slow, one, 10)).text(), "old");
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.equal(one.kept["k"], "late");
});

test("with nothing kept a slow line is waited for, and a cut one is an error", async () => {
  const slow = (): Promise<Response> => new Promise((resolve) => setTimeout(() => resolve(new Response("late")), 30));
  assert.equal(await (await answer("k", slow, shelf(), 5)).text(), "late");
  await assert.rejects(answer("k", async () => { throw new TypeError("network"); }, shelf()));
  assert.equal((await answer("k", async () => new Response("", { status: 502 }), shelf())).status, 502);
});

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds(), "it never came to hold");
}

test("silence is a lost line, a refusal is none; an outage is counted and the line is unsteady for a while", async () => {
  let now = 1_000_000;
  const faults: (LineError | null)[] = [null, new LineError(404, "x", ""), new LineError(429, "x", ""), new LineError(0, "line", ""), new LineError(503, "busy", ""), null];
  const changes: boolean[] = [];
  let beats = 0;
  const end = new AbortController();
  const pulse = new Pulse({
    beat: async () => {
      const fault = faults[beats] ?? null;
      beats += 1;
      if (fault) throw fault;
    },
    changed: (ok) => changes.push(ok),
  }, () => now);
  void pulse.run(end.signal);
  for (let done = 1; done < faults.length; done += 1) {
    await until(() => beats === done);
    assert.equal(pulse.steady, done < 4);
    await new Promise((resolve) => setTimeout(resolve, 5));
    pulse.look();
  }
  await until(() => changes.length === 2);
  assert.deepEqual(changes, [false, true]);
  assert.equal(pulse.outages, 1);
  assert.equal(pulse.steady, false);
  now += UNSTEADY_MS + 1;
  assert.equal(pulse.steady, true);
  end.abort();
  pulse.look();
});

test("a session whose end the server has not heard of is told again, and no longer than needed", async () => {
  const script: (LineError | null)[] = [new LineError(0, "line", ""), new LineError(503, "busy", ""), new LineError(401, "conversation_closed", "")];
  const told: string[] = [];
  const endings = new Endings(async (session) => {
    told.push(session.conversation);
    const fault = script.shift();
    if (fault) throw fault;
  });
  endings.add(null);
  endings.add({ conversation: "c1", token: "t1" });
  await until(() => told.length === 1);
  assert.equal(endings.left, 1);
  await endings.retry();
  assert.equal(endings.left, 1);
  await endings.retry();
  assert.equal(endings.left, 0);
  await endings.retry();
  assert.deepEqual(told, ["c1", "c1", "c1"]);
});

test("five taps in the corner within four seconds open the pad; slower ones, and taps elsewhere, do not", () => {
  const corner = new CornerTaps();
  assert.deepEqual([0, 500, 1000, 1500, 2000].map((at) => corner.tap(20, 20, at)), [false, false, false, false, true]);
  assert.deepEqual([0, 1500, 3000, 4500, 6000].map((at) => corner.tap(20, 20, 100_000 + at)), [false, false, false, false, false]);
  assert.deepEqual([0, 1, 2, 3].map((at) => corner.tap(20, 20, 200_000 + at)).includes(true), false);
  assert.equal(corner.tap(500, 20, 200_010), false);
  assert.equal(corner.tap(20, 20, 200_011), false);
});

test("a hand-over's code stands in the fragment alone and a lookup code in no address", () => {
  const code = "A".repeat(32);
  const address = new URL(handoverAddress("https://aid.example.org/x/", code));
  assert.equal(address.hash, `#handover=${code}`);
  assert.equal(address.pathname + address.search, "/x/");
  assert.equal(lookupAddress("https://aid.example.org/x/", "CC-2026-000123"), "https://aid.example.org/x/lookup?number=CC-2026-000123");
});

test("days are those of Changchun", () => {
  assert.equal(dayName(Date.parse("2027-07-11T17:00:00Z")), "7月12日");
});
