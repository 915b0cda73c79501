// The keyboard alone on a page, for tests/browser/test_keyboard.py. What the fields told stands in window.told.

import { ScreenKeyboard } from "../src/keyboard/index";

const told: string[] = [];
const keyboard = new ScreenKeyboard();
document.getElementById("keys")?.append(keyboard.element);
for (const field of document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("textarea, input")) {
  field.addEventListener("focus", () => {
    keyboard.setMode(field.id === "phone" ? "number" : "zh");
    keyboard.attach(field);
  });
  field.addEventListener("keydown", (event) => (event as KeyboardEvent).key === "Enter" && told.push("sent"));
  field.addEventListener("input", () => told.push(field.value));
}
document.addEventListener("keyboard-enter", (event) => told.push(`enter:${(event.target as HTMLElement).id}`));
Object.assign(window, { told, keyboard });
document.querySelector("textarea")?.focus();
