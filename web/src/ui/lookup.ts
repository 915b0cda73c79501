// Where a ticket stands, asked with number and lookup code beside the talk: nothing of it stays in the transcript.

import { LineError } from "../core/line";
import type { StatusCard } from "../core/types";
import { WORDING } from "../wording";
import { renderCard, speakCard } from "./cards";
import { button, el } from "./dom";

type LookUp = (number: string, code: string) => Promise<StatusCard>;

function field(id: string, label: string, hint: string): [HTMLElement, HTMLInputElement] {
  const input = el("input", { id, type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: "64", "aria-describedby": `${id}-hint` });
  return [el("div", { class: "field" }, el("label", { for: id }, label), input, el("p", { class: "hint", id: `${id}-hint` }, hint)), input];
}

export class Lookup {
  readonly element: HTMLDialogElement;
  private readonly result = el("div", { class: "result" });
  private readonly heard = el("div", { class: "unseen", role: "status" });
  private readonly number: HTMLInputElement;
  private readonly code: HTMLInputElement;

  constructor(private readonly lookUp: LookUp) {
    const [numberField, number] = field("lookup-number", WORDING.number, WORDING.numberHint);
    const [codeField, code] = field("lookup-code", WORDING.code, WORDING.codeWhere);
    [this.number, this.code] = [number, code];
    const form = el("form", { class: "look-up" }, numberField, codeField, el("button", { type: "submit", class: "submit" }, WORDING.lookUp));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.ask();
    });
    this.element = el("dialog", { class: "lookup", "aria-labelledby": "lookup-title" },
      el("h2", { id: "lookup-title" }, WORDING.lookUpTitle), form, this.result, this.heard,
      button(WORDING.lookUpClose, "close-lookup", () => this.element.close()));
    this.element.addEventListener("close", () => this.forget());
  }

  open(): void {
    this.element.showModal();
    this.number.focus();
  }

  /** What was looked up is the person's own: nothing of it is left for whoever sits down next. */
  private forget(): void {
    this.number.value = this.code.value = "";
    this.result.replaceChildren();
    this.heard.textContent = "";
  }

  private async ask(): Promise<void> {
    const [number, code] = [this.number.value.trim(), this.code.value.trim()];
    if (!number || !code) {
      this.fault(WORDING.lookUpBoth);
      (number ? this.code : this.number).focus();
      return;
    }
    this.result.replaceChildren(el("p", {}, WORDING.lookingUp));
    try {
      const card = await this.lookUp(number, code);
      const shown = renderCard(card, false, { announce: (text) => void (this.heard.textContent = text), say: () => undefined });
      this.result.replaceChildren(...(shown ? [shown] : []));
      this.heard.textContent = speakCard(card);
    } catch (fault) {
      this.fault(fault instanceof LineError && fault.message ? fault.message : WORDING.lookUpFailed);
    }
  }

  private fault(text: string): void {
    this.result.replaceChildren(el("p", { class: "fault" }, text));
    this.heard.textContent = text;
  }
}
