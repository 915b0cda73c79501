// The transcript in memory: what was said on both sides, in order, each thing once.

import type { Draft, History, Reply, Said, Service } from "./types";

export type SaidState = "waiting" | "sent" | "refused";
export type Item =
  | { key: string; type: "said"; text: string; state: SaidState; choice: string | null; note: string; file: string | null }
  | { key: string; type: "reply"; reply: Reply };
export type Change =
  | { type: "added"; item: Item; restored: boolean }
  | { type: "changed"; item: Item }
  | { type: "cleared" }
  | { type: "typing"; on: boolean }
  | { type: "service"; service: Service }
  | { type: "line"; ok: boolean };

const BOT: Service = { state: "bot", place: null, waited: null, name: null };

export class TranscriptStore {
  readonly items: Item[] = [];
  typing = false;
  /** Who speaks: the assistant, or people of the center. */
  service = BOT;
  lineOk = true;
  /** The highest reply number seen: where a replay begins. */
  last = 0;
  /** Counts the conversations shown on this page: each numbers its replies from 1. */
  private talk = 0;
  private readonly byKey = new Map<string, Item>();

  constructor(private readonly tell: (change: Change) => void) {}

  /** A message of one's own, shown before the server has it. */
  addDraft(draft: Draft, restored = false): void {
    this.addSaid(draft.clientId, draft.label, "waiting", draft.choice ?? null, restored);
  }

  markSaid(clientId: string, state: SaidState, note = ""): void {
    const item = this.byKey.get(`said:${clientId}`);
    if (!item || item.type !== "said" || (item.state === state && item.note === note)) return;
    item.state = state;
    item.note = note;
    this.tell({ type: "changed", item });
  }

  takeSaid(said: Said, restored = false): void {
    if (this.byKey.has(`said:${said.client_id}`)) this.markSaid(said.client_id, "sent");
    else this.addSaid(said.client_id, said.text, "sent", said.choice_id, restored, said.file ?? null);
  }

  /** Whether a message of one's own is known to be with the server, or refused: it need not be sent. */
  isSettled(clientId: string): boolean {
    const item = this.byKey.get(`said:${clientId}`);
    return item?.type === "said" && item.state !== "waiting";
  }

  takeReply(reply: Reply, restored = false): void {
    const key = `reply:${this.talk}:${reply.number}`;
    this.last = Math.max(this.last, reply.number);
    if (this.byKey.has(key)) return;
    this.add({ key, type: "reply", reply }, restored);
  }

  /** The server's record of both sides, in the order of time; a reply stands after what it answers. */
  takeHistory(history: History, restored: boolean): void {
    const all = [
      ...history.said.map((said) => ({ at: said.created_at, rank: 0, number: 0, said, reply: null })),
      ...history.replies.map((reply) => ({ at: reply.created_at, rank: 1, number: reply.number, said: null, reply })),
    ];
    all.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.rank - b.rank || a.number - b.number));
    for (const one of all) {
      if (one.said) this.takeSaid(one.said, restored);
      else if (one.reply) this.takeReply(one.reply, restored);
    }
    this.setService(history.service ?? BOT);
    this.setTyping(history.pending);
  }

  setService(service: Service): void {
    const before = this.service;
    this.service = service;
    if (service.state === "staff") this.setTyping(false);
    if (before.state !== service.state || before.place !== service.place || before.name !== service.name) this.tell({ type: "service", service });
  }

  /** While staff speak, the assistant does not think about what is said. */
  setTyping(wanted: boolean): void {
    const on = wanted && this.service.state !== "staff";
    if (this.typing === on) return;
    this.typing = on;
    this.tell({ type: "typing", on });
  }

  setLine(ok: boolean): void {
    if (this.lineOk === ok) return;
    this.lineOk = ok;
    this.tell({ type: "line", ok });
  }

  /** What follows belongs to another conversation; what was said stays in sight. */
  nextTalk(): void {
    this.talk += 1;
    this.last = 0;
    this.setService(BOT);
    this.setTyping(false);
  }

  clear(): void {
    this.items.length = 0;
    this.byKey.clear();
    this.nextTalk();
    this.tell({ type: "cleared" });
  }

  private addSaid(clientId: string, text: string, state: SaidState, choice: string | null, restored: boolean, file: string | null = null): void {
    const key = `said:${clientId}`;
    if (!this.byKey.has(key)) this.add({ key, type: "said", text, state, choice, note: "", file }, restored);
  }

  private add(item: Item, restored: boolean): void {
    this.items.push(item);
    this.byKey.set(item.key, item);
    this.tell({ type: "added", item, restored });
  }
}
