// Dialogs of the kiosk: one element a time in front of everything, gone without a trace when closed.

import { el, type Child } from "../ui/dom";

export class Front {
  private readonly open = new Set<HTMLDialogElement>();

  constructor(private readonly place: HTMLElement) {}

  /** Shows a dialog; `closed` is told when it goes, by whatever way. */
  show(className: string, title: string, children: Child[], closed: () => void = () => undefined): HTMLDialogElement {
    const dialog = el("dialog", { class: `front ${className}`, "aria-labelledby": `${className}-title` },
      el("h2", { id: `${className}-title`, tabindex: "-1" }, title), ...children);
    dialog.addEventListener("close", () => {
      this.open.delete(dialog);
      dialog.remove();
      closed();
    });
    this.open.add(dialog);
    this.place.append(dialog);
    dialog.showModal();
    return dialog;
  }

  closeAll(): void {
    for (const dialog of [...this.open]) dialog.close();
  }
}
