// The kiosk's own calls, and what it shows.

import { Line } from "../core/line";
import type { AnswerCard } from "../core/types";

export interface Question { ask: string; answer: AnswerCard }
export interface Topic { id: string; label: string; questions: Question[] }
export interface Way { id: "consult" | "complain" | "aid" | "status"; label: string; hint: string; say: string }
export interface Content {
  event: string | null; event_name: string | null; service: string;
  ways: Way[]; questions: Question[]; topics: Topic[];
  phones: { number: string; what: string }[];
  offline: { title: string; still: string; paper: string; phone: string; back: string };
  address: string;
  wechat: boolean;
}
export interface Beat { event: string | null; version: string; line: "ok" | "unsteady"; outages: number; in_use: boolean; key?: string }

export class KioskLine extends Line {
  constructor() {
    super("", (input, init) => fetch(input, init), undefined, null, "kiosk");
  }

  async content(event: string | null): Promise<Content> {
    const query = event ? `?event=${encodeURIComponent(event)}` : "";
    return (await this.call("GET", `v1/kiosk${query}`, null)) as Content;
  }

  /** Gives the version of the page as the server has it now. */
  async beat(station: string, beat: Beat): Promise<string> {
    return ((await this.call("POST", `v1/stations/${encodeURIComponent(station)}/beat`, null, beat)) as { version: string }).version;
  }

  /** Resolves where the PIN is right. */
  async leave(station: string, pin: string): Promise<void> {
    await this.call("POST", "v1/kiosk/exit", null, { station, pin });
  }
}
