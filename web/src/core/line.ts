// The line to the server: one method per address, every failure a LineError.

import { EventParser } from "./sse";
import type { Asked, Draft, History, Reply, Said, Service, Session, StatusCard, StreamEvent, TakeOver } from "./types";

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
const UPLOAD_MS = 120_000;
/** The server beats every 15 s; silence past this means that the line is dead. */
const SILENCE_MS = 40_000;

export class Line {
  constructor(
    private readonly base: string,
    private readonly fetcher: Fetch,
    private readonly renewed: (token: string) => void = () => undefined,
    private readonly site: string | null = null,
    private readonly door: "web" | "kiosk" = "web",
  ) {}

  async open(event: string | null): Promise<Session> {
    const body = { door: this.door, ...(event ? { event } : {}), ...(this.site ? { site: this.site } : {}) };
    return (await this.call("POST", "v1/conversations", null, body)) as Session;
  }

  async send(session: Session, draft: Draft): Promise<{ inbound: string; seq: number }> {
    const said = draft.choice !== undefined ? { choice: draft.choice } : { text: draft.text ?? "" };
    const path = `${own(session)}/messages`;
    return (await this.call("POST", path, session, { client_id: draft.clientId, ...said })) as { inbound: string; seq: number };
  }

  async history(session: Session, after: number): Promise<History> {
    const path = `${own(session)}/messages?after=${after}`;
    return (await this.call("GET", path, session)) as History;
  }

  /** Whether the answer of this number solved it. */
  async rate(session: Session, reply: number, solved: boolean, reason?: string): Promise<void> {
    await this.call("PUT", `${own(session)}/ratings/${reply}`, session, { solved, ...(reason ? { reason } : {}) });
  }

  /** What many ask, those of the expo first. */
  async asked(event: string | null): Promise<Asked[]> {
    const found = (await this.call("GET", `v1/greeting${event ? `?event=${encodeURIComponent(event)}` : ""}`, null)) as { asked: Asked[] };
    return found.asked;
  }

  /** Where a ticket stands, for who holds its number and lookup code. */
  async lookUp(number: string, code: string): Promise<StatusCard> {
    return ((await this.call("POST", "v1/lookup", null, { number, code })) as { card: StatusCard }).card;
  }

  /** A small picture of a file of this conversation; null where there is nothing to see. */
  async preview(session: Session, file: string): Promise<Blob | null> {
    try {
      return await this.within(`${own(session)}/files/${encodeURIComponent(file)}/preview`, "GET", session, undefined, (got) => got.blob());
    } catch (fault) {
      if (fault instanceof LineError && fault.status === 404) return null;
      throw fault;
    }
  }

  /** Ends the conversation: its token opens nothing any more. */
  async end(session: Session): Promise<void> {
    await this.call("POST", `${own(session)}/end`, session, {});
  }

  /** Waits for staff no more. */
  async stopWaiting(session: Session): Promise<void> {
    await this.call("DELETE", `${own(session)}/waiting`, session);
  }

  /** A code with which a phone goes on with the conversation, good once for five minutes; for WeChat, what the code to scan holds. */
  async handover(session: Session, wechat = false): Promise<string> {
    const made = (await this.call("POST", `${own(session)}/handover${wechat ? "/wechat" : ""}`, session, {})) as { code?: string; url?: string };
    return made.url ?? made.code ?? "";
  }

  /** Goes on here with a conversation that another device gave a code for; `device` is this device's own secret, the same in each try. */
  async takeOver({ code, device }: Pick<TakeOver, "code" | "device">): Promise<Session> {
    return (await this.call("POST", "v1/handover", null, { code, device })) as Session;
  }

  /** Sends a file; `sent` is told which part (0 to 1) is on its way. XMLHttpRequest, because fetch tells nothing of it. */
  upload(session: Session, file: File, clientId: string, signal: AbortSignal, sent: (part: number) => void): Promise<void> {
    if (signal.aborted) return Promise.reject(new LineError(0, "line", "")); // taken back while the conversation was being opened
    const body = new FormData();
    body.append("client_id", clientId);
    body.append("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", this.base + `${own(session)}/files`);
    request.setRequestHeader("Authorization", `Bearer ${session.token}`);
    request.timeout = UPLOAD_MS;
    signal.addEventListener("abort", () => request.abort());
    request.upload.addEventListener("progress", (event) => event.lengthComputable && sent(event.loaded / event.total));
    return new Promise((resolve, reject) => {
      const broken = (): void => reject(new LineError(0, "line", ""));
      for (const name of ["error", "timeout", "abort"]) request.addEventListener(name, broken);
      request.addEventListener("load", () => {
        const token = request.getResponseHeader("X-Session-Token");
        if (token) this.renewed(token);
        if (request.status < 300) resolve();
        else reject(refusal(request));
      });
      request.send(body);
    });
  }

  /** Follows the conversation until the server ends it (returns), the line breaks (LineError) or `signal` stops it. */
  async stream(session: Session, after: number, signal: AbortSignal, take: (event: StreamEvent) => void): Promise<void> {
    const breaker = new AbortController();
    const stop = (): void => breaker.abort();
    signal.addEventListener("abort", stop);
    let watch = setTimeout(stop, SILENCE_MS);
    try {
      const path = `${own(session)}/stream?after=${after}`;
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

  protected call(method: string, path: string, session: Session | null, body?: unknown): Promise<unknown> {
    return this.within(path, method, session, body, (response) => (response.status === 204 ? Promise.resolve(null) : response.json()));
  }

  /** One call, read to its end within the time for a call. */
  private async within<Got>(
    path: string, method: string, session: Session | null, body: unknown, read: (response: Response) => Promise<Got>,
  ): Promise<Got> {
    const breaker = new AbortController();
    const watch = setTimeout(() => breaker.abort(), CALL_MS);
    try {
      const init: RequestInit = { method, headers: headers(session), signal: breaker.signal, cache: "no-store" };
      if (body !== undefined) init.body = JSON.stringify(body);
      return await read(await this.request(path, init));
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

function own(session: Session): string {
  return `v1/conversations/${encodeURIComponent(session.conversation)}`;
}

function refusal(request: XMLHttpRequest): LineError {
  let said: { error?: string; message?: string } = {};
  try {
    said = JSON.parse(request.responseText) as typeof said;
  } catch {
    // A proxy's own page: the status alone counts.
  }
  const wait = Number(request.getResponseHeader("Retry-After") ?? 0);
  return new LineError(request.status, said.error ?? "unknown", said.message ?? "", Number.isFinite(wait) ? wait : 0);
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
    if (name === "service") return { type: "service", service: value as Service };
    if (name === "typing") return { type: "typing", pending: (value as { pending: boolean }).pending };
  } catch {
    // A broken event is passed over; the next replay brings the message again.
  }
  return null;
}
