// A talk comes over from the kiosk while the line is bad: asked again with the same secret, never with another.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Line, type Fetch } from "../src/core/line";
import { Memory, plainShelf } from "../src/core/memory";
import { takeOver, type Outcome } from "../src/core/takeover";

const CODE = "C".repeat(32);
const SESSION = { conversation: "c1", token: "t1" };
type Answer = () => Promise<Response>;
const lost: Answer = () => Promise.reject(new TypeError("the line is down"));
const answer = (status: number, body: unknown): Answer => () => Promise.resolve(new Response(JSON.stringify(body), { status }));
const taken = answer(201, SESSION);
const gone = answer(404, { error: "handover_gone", message: "这个二维码已经不能用了。" });

async function run(memory: Memory, scanned: string | null, ...script: Answer[]): Promise<{ outcome: Outcome; asked: Record<string, string>[] }> {
  const asked: Record<string, string>[] = [];
  const fetcher: Fetch = (_path, init = {}) => {
    asked.push(JSON.parse(init.body as string) as Record<string, string>);
    return (script.shift() ?? lost)();
  };
  return { outcome: await takeOver(new Line("", fetcher), memory, scanned, () => Promise.resolve()), asked };
}

test("a lost answer is asked for again with the same code and the same secret", async () => {
  const memory = new Memory(plainShelf());
  const { outcome, asked } = await run(memory, CODE, lost, lost, taken);
  assert.deepEqual(outcome, { kind: "taken" });
  assert.equal(asked.length, 3);
  assert.deepEqual(new Set(asked.map((one) => `${one["code"]} ${one["device"]}`)).size, 1);
  assert.match(asked[0]?.["device"] ?? "", /^[A-Za-z0-9_-]{32,64}$/);
  assert.deepEqual(memory.session(), SESSION);
  assert.equal(memory.takeOver(), null);
});

test("a page that is closed before the answer asks again when it is opened, with the same secret", async () => {
  const memory = new Memory(plainShelf());
  const before = await run(memory, CODE);
  assert.deepEqual(before.outcome, { kind: "later" });
  const after = await run(memory, null, taken);
  assert.deepEqual(after.outcome, { kind: "taken" });
  assert.deepEqual(after.asked, [before.asked[0]]);
});

test("another code has another secret", async () => {
  const memory = new Memory(plainShelf());
  const [first] = (await run(memory, CODE)).asked;
  const [second] = (await run(memory, "D".repeat(32), taken)).asked;
  assert.notEqual(first?.["device"], second?.["device"]);
});

test("a code that opens nothing is told once and not asked for again", async () => {
  const memory = new Memory(plainShelf());
  const { outcome, asked } = await run(memory, CODE, gone);
  assert.deepEqual(outcome, { kind: "refused", message: "这个二维码已经不能用了。" });
  assert.equal(asked.length, 1);
  assert.deepEqual(await run(memory, null), { outcome: { kind: "nothing" }, asked: [] });
});

test("an old try says nothing when it is refused, and does not take the place of a talk that was begun since", async () => {
  const memory = new Memory(plainShelf());
  await run(memory, CODE);
  assert.deepEqual((await run(memory, null, gone)).outcome, { kind: "nothing" });
  await run(memory, CODE);
  memory.keepSession({ conversation: "mine", token: "t" });
  assert.deepEqual(await run(memory, null, taken), { outcome: { kind: "nothing" }, asked: [] });
  assert.equal(memory.session()?.conversation, "mine");
});
