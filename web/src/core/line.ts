// The line to the server: one method per address, every failure a LineError.

import { EventParser } from "./sse";
import type { Draft, History, Reply, Said, Session, StreamEvent } from "./types";

/** `status` 0: the line itself failed. `message` is the server's own sentence, empty where it gave none. */
export class LineError extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly retryAfter = 0) {
    super(message);
  }

  /** Whether the same call may go through later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  /** Whether the session is no longer good. */
  get sessionLost(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

const CALL_MS = 20_000;
/** The server beats every 15 s; silence past this means that the line is dead. */
const SILENCE_MS = 40_000;

export class Line {
  constructor(
    private readonly base: string,
    private readonly fetcher: Fetch,
    private readonly renewed: (token: string) => void = () => undefined,
  ) {}

  async open(event: string | null): Promise<Session> {
    const body = event ? { door: "web", event } : { door: "web" };
    return (await this.call("POST", "v1/conversations", null, body)) as Session;
  }

  async send(session: Session, draft: Draft): Promise<{ inbound: string; seq: number }> {
    const said = draft.choice !== undefined ? { choice: draft.choice } : { text: draft.text ?? "" };
    const path = `v1/conversations/${encodeURIComponent(session.conversation)}/messages`;
    return (await this.call("POST", path, session, { client_id: draft.clientId, ...said })) as { inbound: string; seq: number };
  }

  async history(session: Session, after: number): Promise<History> {
    const path = `v1/conversations/${encodeURIComponent(session.conversation)}/messages?after=${after}`;
    return (await this.call("GET", path, session)) as History;
  }

  /** Follows the conversation until the server ends it (returns), the line breaks (LineError) or `signal` stops it. */
  async stream(session: Session, after: number, signal: AbortSignal, take: (event: StreamEvent) => void): Promise<void> {
    const breaker = new AbortController();
    const stop = (): void => breaker.abort();
    signal.addEventListener("abort", stop);
    let watch = setTimeout(stop, SILENCE_MS);
    try {
      const path = `v1/conversations/${encodeURIComponent(session.conversation)}/stream?after=${after}`;
      const response = await this.request(path, { headers: headers(session), signal: breaker.signal, cache: "no-store" });
      const reader = response.body?.getReader();
      if (!reader) return;
      const decoder = new TextDecoder();
      const parser = new EventParser();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watch);
        watch = setTimeout(stop, SILENCE_MS);
        for (const raw of parser.push(decoder.decode(value, { stream: true }))) {
          const event = understood(raw.name, raw.data);
          if (event) take(event);
        }
      }
    } catch (fault) {
      throw fault instanceof LineError ? fault : new LineError(0, "line", "");
    } finally {
      clearTimeout(watch);
      signal.removeEventListener("abort", stop);
    }
  }

  private async call(method: string, path: string, session: Session | null, body?: unknown): Promise<unknown> {
    const breaker = new AbortController();
    const watch = setTimeout(() => breaker.abort(), CALL_MS);
    try {
      const init: RequestInit = { method, headers: headers(session), signal: breaker.signal, cache: "no-store" };
      if (body !== undefined) init.body = JSON.stringify(body);
      const response = await this.request(path, init);
      return await response.json();
    } catch (fault) {
      throw fault instanceof LineError ? fault : new LineError(0, "line", "");
    } finally {
      clearTimeout(watch);
    }
  }

  private async request(path: string, init: RequestInit): Promise<Response> {
    const response = await this.fetcher(this.base + path, init);
    const token = response.headers.get("X-Session-Token");
    if (token) this.renewed(token);
    if (response.ok) return response;
    const said = (await response.json().catch(() => ({}))) as { error?: string; message?: string };
    const wait = Number(response.headers.get("Retry-After") ?? 0);
    throw new LineError(response.status, said.error ?? "unknown", said.message ?? "", Number.isFinite(wait) ? wait : 0);
  }
}

function headers(session: Session | null): Record<string, string> {
  const all: Record<string, string> = { "Content-Type": "application/json" };
  if (session) all["Authorization"] = `Bearer ${session.token}`;
  return all;
}

function understood(name: string, data: string): StreamEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    if (name === "reply") return { type: "reply", reply: value as Reply };
    if (name === "said") return { type: "said", said: value as Said };
    if (name === "typing") return { type: "typing", pending: (value as { pending: boolean }).pending };
  } catch {
    // A broken event is passed over; the next replay brings the message again.
  }
  return null;
}
