// Server-sent events read from a fetch body: EventSource cannot send an Authorization header.

export interface RawEvent { name: string; data: string }

/** Takes text in any pieces, gives whole events. Comments (heartbeats) give nothing. */
export class EventParser {
  private rest = "";
  private name = "";
  private data: string[] = [];

  push(chunk: string): RawEvent[] {
    const events: RawEvent[] = [];
    const lines = (this.rest + chunk).split("\n");
    this.rest = lines.pop() ?? "";
    for (const raw of lines) {
      const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
      if (line === "") {
        if (this.data.length) events.push({ name: this.name || "message", data: this.data.join("\n") });
        this.name = "";
        this.data = [];
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") this.name = value;
      else if (field === "data") this.data.push(value);
    }
    return events;
  }
}
