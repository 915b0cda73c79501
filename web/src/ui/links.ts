// The plain pages of the doors, which need no script; each opens beside the talk, which stays as it is.

import { WORDING } from "../wording";
import { el } from "./dom";

const PAGES = ["lookup", "centers", "privacy", "accessibility"] as const;

/** `base` is where the server is: "" on its own pages, `https://host/path/` for a widget. */
export function pageLinks(base: string): HTMLElement {
  const links = PAGES.map((page) => el("a", { href: `${base}${page}`, target: "_blank", rel: "noopener" },
    WORDING.pages[page], el("span", { class: "unseen" }, WORDING.newWindow)));
  return el("nav", { class: "links", "aria-label": WORDING.pagesLabel }, ...links);
}
