// The receipt in front of everything, with the way to look it up, and the slip to print. No personal data on either.

import type { ReceiptCard } from "../core/types";
import { button, el } from "../ui/dom";
import { day, WORDING } from "../wording";
import type { Front } from "./dialogs";
import { qrPicture } from "./qr";
import { KIOSK } from "./wording";

/** The page that tells how a ticket stands; the lookup code is never part of an address. */
export function lookupAddress(base: string, number: string): string {
  return `${base}lookup?number=${encodeURIComponent(number)}`;
}

function facts(card: ReceiptCard): HTMLElement {
  const pairs: [string, string, string][] = [
    [WORDING.number, card.number, "number"],
    [WORDING.code, card.lookup_code, "secret"],
    [WORDING.expected, day(card.expected) + (card.expected_is_estimate ? WORDING.estimate : ""), "expected"],
    [WORDING.phones, card.phones.join("、"), "phones"],
  ];
  return el("dl", {}, ...pairs.flatMap(([name, value, kind]) => (value ? [el("dt", {}, name), el("dd", { class: kind }, value)] : [])));
}

/** The slip: what the person takes away on paper. */
export function buildSlip(card: ReceiptCard, service: string, address: string): HTMLElement {
  return el("section", { class: "slip", "aria-hidden": "true" },
    el("h1", {}, service), el("h2", {}, KIOSK.slip), facts(card), el("p", {}, KIOSK.slipHint),
    el("p", {}, KIOSK.slipLookup), qrPicture(address, KIOSK.lookupQr));
}

/** Prints the slip and takes it out of the page again. */
export function printSlip(slip: HTMLElement): void {
  document.body.append(slip);
  const gone = (): void => {
    window.removeEventListener("afterprint", gone);
    slip.remove();
  };
  window.addEventListener("afterprint", gone);
  window.print();
}

/** Takes away a slip that a printer's dialog left behind. */
export function dropSlips(): void {
  for (const slip of document.querySelectorAll(".slip")) slip.remove();
}

export interface ReceiptActs {
  address: () => string;
  service: () => string;
  end: () => void;
  say: (text: string) => void;
}

export function showReceipt(front: Front, card: ReceiptCard, acts: ReceiptActs): void {
  const address = lookupAddress(acts.address(), card.number);
  const print = button(KIOSK.print, "print", () => {
    printSlip(buildSlip(card, acts.service(), address));
    acts.say(KIOSK.printed);
  });
  const picture = el("figure", {}, qrPicture(address, KIOSK.lookupQr),
    el("figcaption", {}, el("strong", {}, KIOSK.lookup), el("br"), KIOSK.lookupHint, el("span", { class: "typed" }, address)));
  const dialog = front.show("receipt-front", KIOSK.receiptTitle, [
    el("div", { class: "beside" }, el("div", {}, facts(card), el("p", {}, WORDING.codeHint)), picture),
    el("div", { class: "acts" }, print, button(KIOSK.go, "go", () => dialog.close()), button(KIOSK.end, "end", acts.end)),
  ]);
}
