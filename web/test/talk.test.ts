// The talk against a server made of functions: lost lines, retries, ended sessions.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Line, type Fetch } from "../src/core/line";
import { Memory, plainShelf } from "../src/core/memory";
import { Talk, type Notice } from "../src/core/session";
import { TranscriptStore } from "../src/core/store";

interface Call { method: string; path: string; body: Record<string, string>; token: string | null }

class Server {
  readonly calls: Call[] = [];
  opened = 0;
  /** Answers to POST …/messages in order; past the end 202. */
  readonly script: (() => Response)[] = [];

  readonly fetch: Fetch = (path, init = {}) => {
    const headers = init.headers as Record<string, string>;
    const body = init.body ? (JSON.parse(init.body as string) as Record<string, string>) : {};
    this.calls.push({ method: init.method ?? "GET", path, body, token: headers["Authorization"] ?? null });
    if (path === "v1/conversations") {
      this.opened += 1;
      return Promise.resolve(json(201, { conversation: `c${this.opened}`, token: `t${this.opened}` }));
    }
    if (path.includes("/stream")) return hang(init.signal);
    if (init.method === "POST") return Promise.resolve((this.script.shift() ?? (() => json(202, { inbound: "i", seq: 1 })))());
    return Promise.resolve(json(200, { said: [], replies: [], pending: false }));
  };

  sent(): Call[] {
    return this.calls.filter((call) => call.method === "POST" && call.path.endsWith("/messages"));
  }
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers });

const hang = (signal?: AbortSignal | null): Promise<Response> =>
  new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));

function setUp(server: Server, memory = new Memory(plainShelf())) {
  const store = new TranscriptStore(() => undefined);
  const notices: Notice[] = [];
  const line: Line = new Line("", server.fetch, (token) => talk.renew(token));
  const talk: Talk = new Talk(line, memory, store, null, (notice) => notices.push(notice));
  return { talk, store, memory, notices };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !holds(); i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(holds(), "it never came to hold");
}

test("the token goes into the header and never into the address", async () => {
  const server = new Server();
  const { talk, memory } = setUp(server);
  talk.say("你好");
  await until(() => server.sent().length === 1 && memory.outbox().length === 0);
  assert.equal(server.sent()[0]?.token, "Bearer t1");
  assert.ok(server.calls.every((call) => !call.path.includes("t1")));
  talk.restart();
});

test("a message is sent again with the same id after a lost line", async () => {
  const server = new Server();
  server.script.push(() => { throw new TypeError("network"); }, () => json(503, { error: "busy", message: "请稍候" }));
  const { talk, store, memory } = setUp(server);
  talk.say("你好");
  await until(() => server.sent().length >= 1 && store.items.length === 1);
  for (let i = 0; i < 2; i += 1) {
    await until(() => server.sent().length === i + 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    talk.wake();
  }
  await until(() => memory.outbox().length === 0);
  const ids = server.sent().map((call) => call.body["client_id"]);
  assert.equal(ids.length, 3);
  assert.equal(new Set(ids).size, 1);
  talk.restart();
});

test("a refused message is dropped with the server's sentence and the next one goes on", async () => {
  const server = new Server();
  server.script.push(() => json(413, { error: "too_large", message: "太长了" }));
  const { talk, store, memory } = setUp(server);
  talk.say("甲");
  talk.say("乙");
  await until(() => memory.outbox().length === 0);
  const states = store.items.map((item) => item.type === "said" && `${item.text}:${item.state}:${item.note}`);
  assert.deepEqual(states, ["甲:refused:太长了", "乙:sent:"]);
  talk.restart();
});

test("an ended session is opened anew and the text is said there", async () => {
  const server = new Server();
  const shelf = plainShelf();
  new Memory(shelf).keepSession({ conversation: "old", token: "old" });
  server.script.push(() => json(401, { error: "token_expired", message: "" }));
  const { talk, notices, memory } = setUp(server, new Memory(shelf));
  await talk.start();
  talk.say("你好");
  await until(() => memory.outbox().length === 0);
  assert.deepEqual(server.sent().map((call) => call.path.split("/")[2]), ["old", "c1"]);
  assert.deepEqual(notices, ["expired"]);
  talk.restart();
});

test("what was not sent before a reload goes out after it, under the same id", async () => {
  const server = new Server();
  const shelf = plainShelf();
  new Memory(shelf).keepOutbox([{ clientId: "before-reload", label: "你好", text: "你好" }]);
  const { talk, store } = setUp(server, new Memory(shelf));
  await talk.start();
  await until(() => server.sent().length === 1);
  assert.equal(server.sent()[0]?.body["client_id"], "before-reload");
  assert.equal(store.items.length, 1);
  talk.restart();
});

test("a renewed token is kept and used", async () => {
  const server = new Server();
  server.script.push(() => json(202, { inbound: "i", seq: 1 }, { "X-Session-Token": "fresh" }));
  const { talk, memory } = setUp(server);
  talk.say("甲");
  await until(() => memory.session()?.token === "fresh");
  talk.say("乙");
  await until(() => server.sent().length === 2);
  assert.equal(server.sent()[1]?.token, "Bearer fresh");
  talk.restart();
});

test("a talk that is let go sends nothing more, keeps nothing, and gives its session to be ended", async () => {
  const server = new Server();
  server.script.push(() => json(503, { error: "busy", message: "" }));
  const { talk, store, memory } = setUp(server);
  talk.say("甲");
  await until(() => server.sent().length === 1);
  const session = talk.close();
  assert.equal(session?.conversation, "c1");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(server.sent().length, 1);
  assert.equal(memory.session(), null);
  assert.deepEqual(memory.outbox(), []);
  assert.deepEqual(store.items, []);
});

test("a conversation that opens after the talk was let go is ended at once and hears nothing", async () => {
  const server = new Server();
  let letGo: (() => void) | null = null;
  const waiting: Fetch = async (path, init = {}) => {
    if (path === "v1/conversations") await new Promise<void>((resolve) => { letGo = resolve; });
    return server.fetch(path, init);
  };
  const store = new TranscriptStore(() => undefined);
  const memory = new Memory(plainShelf());
  const line: Line = new Line("", waiting, () => undefined, null, "kiosk");
  const talk: Talk = new Talk(line, memory, store, null, () => undefined);
  talk.say("甲");
  await until(() => letGo !== null);
  assert.equal(talk.close(), null);
  (letGo as unknown as () => void)();
  await until(() => server.calls.some((call) => call.path === "v1/conversations/c1/end"));
  assert.equal(server.sent().length, 0);
  assert.equal(memory.session(), null);
});

test("a code for the phone is asked for under the talk's own token, and the phone's answer is a session", async () => {
  const server = new Server();
  const { talk } = setUp(server);
  server.script.push(() => json(201, { code: "C".repeat(32) }));
  assert.equal(await talk.handover(), "C".repeat(32));
  const asked = server.calls.find((call) => call.path.endsWith("/handover"));
  assert.equal(asked?.token, "Bearer t1");
  server.script.push(() => json(201, { conversation: "c1", token: "t2" }));
  const phone = new Line("", server.fetch);
  assert.deepEqual(await phone.takeOver({ code: "C".repeat(32), device: "d".repeat(32) }), { conversation: "c1", token: "t2" });
  assert.equal(server.calls.at(-1)?.path, "v1/handover");
  talk.restart();
});

test("while staff speak nothing is said to be thought about, and what the stream says of them is kept", async () => {
  const store = new TranscriptStore(() => undefined);
  const staff = { state: "staff", place: null, waited: 75, name: "中心" } as const;
  store.setTyping(true);
  store.setService(staff);
  assert.equal(store.typing, false);
  store.setTyping(true);
  assert.equal(store.typing, false);
  store.takeHistory({ said: [], replies: [], pending: false, service: staff }, true);
  assert.equal(store.service.name, "中心");
  store.takeHistory({ said: [], replies: [], pending: true }, false); // a server that knows no staff
  assert.equal(store.service.state, "bot");
  assert.equal(store.typing, true);
});

test("a change of place is told once, and another talk begins with the assistant", () => {
  const told: string[] = [];
  const store = new TranscriptStore((change) => change.type === "service" && told.push(`${change.service.state} ${change.service.place}`));
  const waiting = (place: number) => ({ state: "waiting" as const, place, waited: 75, name: null });
  for (const place of [2, 2, 1]) store.setService(waiting(place));
  store.nextTalk();
  assert.deepEqual(told, ["waiting 2", "waiting 1", "bot null"]);
});

test("who waits no more says so to the server, with the token", async () => {
  const server = new Server();
  const { talk, memory } = setUp(server);
  talk.say("转人工");
  await until(() => memory.outbox().length === 0 && server.sent().length === 1);
  await talk.stopWaiting();
  const call = server.calls.find((one) => one.method === "DELETE");
  assert.equal(call?.path, "v1/conversations/c1/waiting");
  assert.equal(call?.token, "Bearer t1");
  talk.restart();
});
