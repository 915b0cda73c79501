// The way to the phone, to its browser or into WeChat: a QR picture with a code that is good once and for five minutes.

import { button, el } from "../ui/dom";
import type { Front } from "./dialogs";
import { qrPicture } from "./qr";
import { KIOSK } from "./wording";

export const GOOD_MS = 300_000;

export interface HandoverActs {
  /** A code for the page; for WeChat, what its QR picture holds. */
  code: (wechat: boolean) => Promise<string>;
  /** The address of the chat page for phones, ending in "/". */
  address: () => string;
  /** Whether the talk can go on in the WeChat account. */
  wechat: boolean;
  say: (text: string) => void;
}

export function handoverAddress(base: string, code: string): string {
  // In the fragment: it reaches no server's log and no proxy.
  return `${base}#handover=${code}`;
}

/** Shows the picture until it is used, closed or too old. The kiosk is told by its talk when the phone has taken over. */
export function showHandover(front: Front, acts: HandoverActs): void {
  const place = el("div", { class: "code" });
  const left = el("p", { class: "left", role: "timer" });
  let inWechat = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => clearInterval(timer);

  const expire = (): void => {
    stop();
    left.textContent = "";
    place.replaceChildren(el("p", { class: "gone", role: "alert" }, KIOSK.phoneExpired), button(KIOSK.phoneFresh, "fresh", () => void make()));
  };
  const tick = (until: number): void => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    if (seconds <= 0) expire();
    else left.textContent = KIOSK.phoneLeft(Math.floor(seconds / 60), seconds % 60);
  };
  const make = async (): Promise<void> => {
    stop();
    left.textContent = "";
    place.replaceChildren(el("p", {}, KIOSK.phoneMaking));
    // Counted from before the call: the server's five minutes end no earlier.
    const until = Date.now() + GOOD_MS;
    try {
      const forWechat = inWechat;
      const code = await acts.code(forWechat);
      if (!dialog.open || forWechat !== inWechat) return;
      const address = handoverAddress(acts.address(), code);
      place.replaceChildren(...(forWechat ? [qrPicture(code, KIOSK.wechatQr)] : [qrPicture(address, KIOSK.phoneQr),
        el("details", {}, el("summary", {}, KIOSK.phoneTyped), el("p", { class: "typed" }, address))]));
      tick(until);
      timer = setInterval(() => tick(until), 500);
    } catch {
      place.replaceChildren(el("p", { class: "gone", role: "alert" }, KIOSK.phoneFailed), button(KIOSK.phoneFresh, "fresh", () => void make()));
    }
  };
  const steps = el("ol", { class: "steps" });
  const other = button("", "fresh", () => {
    inWechat = !inWechat;
    begin();
  });
  // A new code makes the one before void: only one way is open at a time.
  const begin = (): void => {
    steps.replaceChildren(...(inWechat ? KIOSK.wechatSteps : KIOSK.phoneSteps).map((step) => el("li", {}, step)));
    other.textContent = inWechat ? KIOSK.phoneToPage : KIOSK.phoneToWechat;
    void make();
  };
  const close = button(KIOSK.phoneStay, "stay", () => dialog.close());
  const beside = el("div", { class: "beside" }, place, el("div", {}, steps, left));
  const dialog = front.show("handover", KIOSK.phoneTitle, [beside, ...(acts.wechat ? [other] : []), close], stop);
  begin();
}
