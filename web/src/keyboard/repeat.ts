// A key that is held: again after half a second, then ten times a second.

const FIRST_MS = 500;
const NEXT_MS = 100;

export class Repeat {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly press: (key: string) => void) {}

  start(key: string, wait = FIRST_MS): void {
    this.stop();
    this.timer = setTimeout(() => {
      this.press(key);
      this.start(key, NEXT_MS);
    }, wait);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
