// Sessions that the server must still be told to end; kept in memory alone, tried again until it has heard.

import { LineError } from "../core/line";
import type { Session } from "../core/types";

export class Endings {
  private waiting: Session[] = [];

  constructor(private readonly end: (session: Session) => Promise<void>) {}

  get left(): number {
    return this.waiting.length;
  }

  add(session: Session | null): void {
    if (!session) return;
    this.waiting.push(session);
    void this.retry();
  }

  /** Tells the server of each that is left; what fails stays for the next time. */
  async retry(): Promise<void> {
    for (const session of [...this.waiting]) {
      try {
        await this.end(session);
      } catch (fault) {
        // 401: it has ended already, or has gone to a phone.
        if (!(fault instanceof LineError) || fault.passing) continue;
      }
      this.waiting = this.waiting.filter((one) => one !== session);
    }
  }
}
