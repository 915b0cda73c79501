// The next days as buttons, for a question that wants a day: a kiosk has no calendar that fingers can hit.

import { button, el } from "../ui/dom";
import { KIOSK } from "./wording";

const DAYS = 8;
const DAY_MS = 86_400_000;

/** "7月12日"; the day in Changchun, whatever the machine's zone is. */
export function dayName(moment: number): string {
  const parts = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric" }).formatToParts(moment);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("month")}月${part("day")}日`;
}

export function dayButtons(now: number, say: (text: string) => void): HTMLElement {
  const near = [KIOSK.today, KIOSK.tomorrow];
  const days = Array.from({ length: DAYS }, (_, ahead) => {
    const name = dayName(now + ahead * DAY_MS);
    return button(near[ahead] ? `${near[ahead]} ${name}` : name, "day-choice", () => say(name));
  });
  return el("div", { class: "days", role: "group", "aria-label": KIOSK.days }, ...days);
}
