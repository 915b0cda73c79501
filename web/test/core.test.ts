import assert from "node:assert/strict";
import { test } from "node:test";

import { backoffMs } from "../src/core/backoff";
import { newId } from "../src/core/ids";
import { parseMarkdown, plainText, safeHref } from "../src/core/markdown";
import { Memory, plainShelf } from "../src/core/memory";
import { EventParser } from "../src/core/sse";
import { TranscriptStore, type Change } from "../src/core/store";
import type { Reply, Said } from "../src/core/types";

const reply = (number: number, createdAt = `2026-11-22T10:00:0${number}.000+08:00`): Reply => ({
  number, inbound_id: "i", created_at: createdAt, text: `答${number}`, speak: "", choices: [], card: null,
});
const said = (clientId: string, createdAt: string): Said => ({
  inbound_id: clientId, client_id: clientId, created_at: createdAt, text: clientId, choice_id: null,
});

test("events come whole whatever the pieces are", () => {
  const whole = ": beat\n\nevent: reply\nid: 1\ndata: {\"a\":\r\ndata: 1}\r\n\r\n";
  const parser = new EventParser();
  const events = [...whole].flatMap((piece) => parser.push(piece));
  assert.deepEqual(events, [{ name: "reply", data: '{"a":\n1}' }]);
});

test("a script address is no link and its words stay", () => {
  assert.equal(safeHref("javascript:alert(1)"), null);
  assert.equal(safeHref("data:text/html,x"), null);
  assert.equal(safeHref("https://a@example.org/"), null);
  const [block] = parseMarkdown("看[这里](javascript:alert(1))");
  assert.ok(block?.type === "paragraph");
  assert.ok(block.lines.flat().every((part) => part.type !== "link"));
});

test("an address that looks like another's is no link", () => {
  const links = (text: string): string[] => parseMarkdown(text).flatMap((block) => (block.type === "paragraph" ? block.lines : block.items)).flat()
    .flatMap((part) => (part.type === "link" ? [part.href] : []));
  assert.deepEqual(links("[www.cnipa.gov.cn](https://evil.example.net/) [专利局 cnipa.gov.cn 官网](https://evil.example.net/)"), []);
  assert.deepEqual(links("https://www.\u0430pple.com/ [苹果](https://www.\u0430pple.com/) https://xn--80ak6aa92e.com/"), []);
  assert.deepEqual(links("[cnipa.gov.cn](https://www.cnipa.gov.cn/a) 看https://example.org/a了解 [官网](https://example.org/)"),
    ["https://www.cnipa.gov.cn/a", "https://example.org/a", "https://example.org/"]);
  assert.equal(plainText("[www.cnipa.gov.cn](https://evil.example.net/)"), "www.cnipa.gov.cn（https://evil.example.net/）");
});

test("bold, lists and links are understood and read plainly", () => {
  const blocks = parseMarkdown("**先**看\n\n1. 甲\n2. 乙\n- 丙");
  assert.deepEqual(blocks.map((block) => block.type), ["paragraph", "list", "list"]);
  assert.equal(plainText("**先**看[网](https://example.org/)"), "先看网");
});

test("html is only text", () => {
  const [block] = parseMarkdown("<img src=x onerror=alert(1)>");
  assert.deepEqual(block, { type: "paragraph", lines: [[{ type: "text", text: "<img src=x onerror=alert(1)>" }]] });
});

test("a replayed reply is shown once and the last number is the highest", () => {
  const changes: Change[] = [];
  const store = new TranscriptStore((change) => changes.push(change));
  store.takeReply(reply(2));
  store.takeReply(reply(1));
  store.takeReply(reply(2));
  assert.equal(store.last, 2);
  assert.equal(changes.filter((change) => change.type === "added").length, 2);
});

test("another conversation's reply 1 is not taken for this one's", () => {
  const store = new TranscriptStore(() => undefined);
  store.takeReply(reply(1));
  store.nextTalk();
  store.takeReply(reply(1));
  assert.equal(store.items.length, 2);
});

test("history stands in the order of time", () => {
  const store = new TranscriptStore(() => undefined);
  store.takeHistory({
    said: [said("甲", "2026-11-22T10:00:00.500+08:00"), said("乙", "2026-11-22T10:00:05.000+08:00")],
    replies: [reply(1), reply(6)], pending: true,
  }, true);
  assert.deepEqual(store.items.map((item) => item.key), ["said:甲", "reply:0:1", "said:乙", "reply:0:6"]);
  assert.equal(store.typing, true);
});

test("a message of one's own that the server tells back is the same message", () => {
  const store = new TranscriptStore(() => undefined);
  store.addDraft({ clientId: "甲", label: "甲", text: "甲" });
  store.takeSaid(said("甲", "2026-11-22T10:00:00.000+08:00"));
  assert.equal(store.items.length, 1);
  assert.ok(store.items[0]?.type === "said" && store.items[0].state === "sent");
});

test("memory works on where storage throws", () => {
  const broken = { getItem: () => { throw new Error("no"); }, setItem: () => { throw new Error("no"); }, removeItem: () => { throw new Error("no"); } };
  for (const memory of [new Memory(plainShelf()), new Memory(broken)]) {
    memory.keepSession({ conversation: "c", token: "t" });
    assert.deepEqual(memory.session(), { conversation: "c", token: "t" });
    memory.keepSession(null);
    assert.equal(memory.session(), null);
  }
});

test("ids differ and are long enough without randomUUID", () => {
  const plain = { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes) } as unknown as Crypto;
  const ids = new Set([newId(), newId(), newId(plain), newId(plain), newId(undefined)]);
  assert.equal(ids.size, 5);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9-]{8,64}$/);
});

test("pauses grow and end at fifteen seconds", () => {
  assert.deepEqual([0, 1, 5, 50].map((attempt) => backoffMs(attempt, 0)), [500, 1000, 15000, 15000]);
});
