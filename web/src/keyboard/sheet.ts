// The keyboard's style as a constructed sheet: allowed where a page's policy forbids inline styles.

import keys from "simple-keyboard/build/css/index.css";

import own from "./keyboard.css";

let sheet: CSSStyleSheet | null = null;

/** The style for the document or shadow root in which the element stands. */
export function useSheet(element: HTMLElement): void {
  const root = element.getRootNode();
  if (!(root instanceof Document || root instanceof ShadowRoot)) return;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(keys + own);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
