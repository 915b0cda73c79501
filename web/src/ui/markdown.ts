// The markdown subset as nodes.

import { parseMarkdown, type Inline } from "../core/markdown";
import { WORDING } from "../wording";
import { el } from "./dom";

function inlineNode(part: Inline): Node {
  if (part.type === "bold") return el("strong", {}, part.text);
  if (part.type === "link") {
    return el("a", { href: part.href, target: "_blank", rel: "noopener noreferrer" }, part.text,
      el("span", { class: "unseen" }, WORDING.newWindow));
  }
  return document.createTextNode(part.text);
}

/** `text` as paragraphs and lists. */
export function renderMarkdown(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const block of parseMarkdown(text)) {
    if (block.type === "list") {
      const list = el(block.ordered ? "ol" : "ul");
      for (const item of block.items) list.append(el("li", {}, ...item.map(inlineNode)));
      fragment.append(list);
    } else {
      const paragraph = el("p");
      block.lines.forEach((line, index) => {
        if (index) paragraph.append(el("br"));
        paragraph.append(...line.map(inlineNode));
      });
      fragment.append(paragraph);
    }
  }
  return fragment;
}
