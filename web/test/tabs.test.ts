// Two tabs of one site: one shelf, one queue to the server, one record.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Line, type Fetch } from "../src/core/line";
import { Memory, plainShelf, type Shelf } from "../src/core/memory";
import { Talk } from "../src/core/session";
import { TranscriptStore } from "../src/core/store";
import { pageTurnstile, turnstile, type Turnstile } from "../src/core/turnstile";
import type { Said } from "../src/core/types";

const json = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });

/** Keeps what is said, each client id once; `down` cuts the line. */
class Server {
  opened = 0;
  posts: string[] = [];
  down = false;
  refuses = "";
  readonly said: Said[] = [];

  readonly fetch: Fetch = async (path, init = {}) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (this.down) throw new TypeError("network");
    if (path === "v1/conversations") {
      this.opened += 1;
      return json(201, { conversation: `c${this.opened}`, token: `t${this.opened}` });
    }
    if (init.signal?.aborted) throw new Error("aborted");
    if (path.includes("/stream")) return new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    if (init.method === "POST" && path.endsWith("/messages")) return this.take(JSON.parse(init.body as string) as { client_id: string; text: string });
    return json(200, { said: this.said, replies: [], pending: false });
  };

  private take(message: { client_id: string; text: string }): Response {
    this.posts.push(message.text);
    if (message.text === this.refuses) return json(413, { error: "too_large", message: "太长了" });
    const known = this.said.some((one) => one.client_id === message.client_id);
    if (!known) this.said.push({ inbound_id: message.client_id, client_id: message.client_id, created_at: `2026-11-22T10:00:0${this.said.length}.000+08:00`, text: message.text, choice_id: null });
    return json(202, { inbound: "i", seq: this.said.length });
  }
}

function tab(server: Server, shelf: Shelf, oneAtATime: Turnstile) {
  const memory = new Memory(shelf);
  const store = new TranscriptStore(() => undefined);
  const line: Line = new Line("", server.fetch, (token) => talk.renew(token));
  const talk: Talk = new Talk(line, memory, store, null, () => undefined, oneAtATime);
  return { talk, store, memory };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !holds(); i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(holds(), "it never came to hold");
}

test("two tabs that begin at once begin one conversation and send each message once", async () => {
  const [server, shelf, lock] = [new Server(), plainShelf(), pageTurnstile()];
  const [a, b] = [tab(server, shelf, lock), tab(server, shelf, lock)];
  a.talk.say("甲");
  b.talk.say("乙");
  a.talk.outboxChanged();
  await until(() => server.said.length === 2 && a.memory.outbox().length === 0);
  await until(() => a.store.isSettled(server.said[0]?.client_id ?? "") && a.store.isSettled(server.said[1]?.client_id ?? ""));
  assert.equal(server.opened, 1);
  assert.deepEqual([...server.posts].sort(), ["乙", "甲"].sort());
  for (const one of [a, b]) one.talk.stop();
});

test("what one tab could not send is shown in the other, and goes out once when the line is back", async () => {
  const [server, shelf, lock] = [new Server(), plainShelf(), pageTurnstile()];
  const [a, b] = [tab(server, shelf, lock), tab(server, shelf, lock)];
  server.down = true;
  a.talk.say("甲");
  b.talk.outboxChanged();
  assert.deepEqual(b.store.items.map((item) => item.type === "said" && `${item.text}:${item.state}`), ["甲:waiting"]);
  server.down = false;
  await until(() => {
    a.talk.wake();
    b.talk.wake();
    return a.memory.outbox().length === 0 && server.said.length === 1;
  });
  await until(() => [a, b].every((one) => one.store.isSettled(server.said[0]?.client_id ?? "")));
  assert.deepEqual(server.posts, ["甲"]);
  for (const one of [a, b]) one.talk.stop();
});

test("a message that another tab was refused is refused in both", async () => {
  const [server, shelf, lock] = [new Server(), plainShelf(), pageTurnstile()];
  const [a, b] = [tab(server, shelf, lock), tab(server, shelf, lock)];
  server.refuses = "太长";
  a.talk.say("太长");
  b.talk.outboxChanged();
  await until(() => [a, b].every((one) => one.store.items.some((item) => item.type === "said" && item.state === "refused")));
  for (const one of [a, b]) one.talk.stop();
});

test("a tab that still follows an ended talk does not put its token in the place of the new one", () => {
  const shelf = plainShelf();
  new Memory(shelf).keepSession({ conversation: "old", token: "old" });
  const { talk, memory } = tab(new Server(), shelf, pageTurnstile());
  memory.keepSession({ conversation: "new", token: "new" });
  talk.renew("fresh");
  assert.deepEqual(memory.session(), { conversation: "new", token: "new" });
});

test("what was said of an answer is remembered by conversation and number, the last word alone", () => {
  const memory = new Memory(plainShelf());
  memory.keepRated("c1", 2, "unclear");
  memory.keepRated("c1", 2, "solved");
  memory.keepRated("c2", 2, "wrong");
  assert.deepEqual([memory.rated("c1", 2), memory.rated("c2", 2), memory.rated("c1", 1)], ["solved", "wrong", null]);
});

test("one at a time, whatever fails before", async () => {
  const lock = pageTurnstile();
  const seen: string[] = [];
  const job = (name: string, fails: boolean) => lock("x", async () => {
    seen.push(`${name} in`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.push(`${name} out`);
    if (fails) throw new Error(name);
  });
  await Promise.allSettled([job("a", true), job("b", false)]);
  assert.deepEqual(seen, ["a in", "a out", "b in", "b out"]);
});

/** Locks that are granted by `grant`, as a browser's are by the tab that lets go. */
function fakeLocks(grant: (begin: () => Promise<unknown>, signal: AbortSignal) => Promise<unknown>): LockManager {
  return { request: (_name: string, options: { signal: AbortSignal }, begin: () => Promise<unknown>) => grant(begin, options.signal) } as unknown as LockManager;
}

test("a lock that is forbidden, or held by a tab that sleeps, keeps nobody from sending", async () => {
  const forbidden = turnstile("", fakeLocks(() => Promise.reject(new DOMException("no origin", "SecurityError"))));
  assert.equal(await forbidden("x", async () => "sent"), "sent");
  const held = fakeLocks((_begin, signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")))));
  assert.equal(await turnstile("", held, 20)("x", async () => "sent"), "sent");
});

test("what fails under a lock fails once and is not tried again outside it", async () => {
  let tries = 0;
  const granted = turnstile("", fakeLocks((begin) => begin()));
  await assert.rejects(granted("x", async () => {
    tries += 1;
    throw new Error("line");
  }), /line/);
  assert.equal(tries, 1);
});
