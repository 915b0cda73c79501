// A small markdown subset as data: paragraphs, two kinds of lists, bold, http(s) links. Everything else is plain text.

export type Inline = { type: "text" | "bold"; text: string } | { type: "link"; text: string; href: string };
export type Block = { type: "paragraph"; lines: Inline[][] } | { type: "list"; ordered: boolean; items: Inline[][] };

const INLINE = /\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\(([^()\s]+)\)|(https?:\/\/[A-Za-z0-9\-._~:/?#@!$&*+,;=%]+)/g;

/** The address when it is a plain http(s) one, else null. */
export function safeHref(raw: string): string | null {
  try {
    const url = new URL(raw);
    return (url.protocol === "http:" || url.protocol === "https:") && !url.username && !url.password ? url.href : null;
  } catch {
    return null;
  }
}

export function parseInline(text: string): Inline[] {
  const parts: Inline[] = [];
  const plain = (piece: string): void => {
    if (piece) parts.push({ type: "text", text: piece });
  };
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    plain(text.slice(from, match.index));
    const [whole, bold, label, target, bare] = match;
    const href = target !== undefined ? safeHref(target) : bare !== undefined ? safeHref(bare) : null;
    if (bold !== undefined) parts.push({ type: "bold", text: bold });
    else if (href !== null) parts.push({ type: "link", text: label ?? bare ?? href, href });
    else plain(label ?? whole);
    from = match.index + whole.length;
  }
  plain(text.slice(from));
  return parts;
}

export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    const item = /^(?:([-*•])|(\d{1,2})[.、])\s+(.+)$/.exec(line);
    if (line === "") open = null;
    else if (item) {
      const ordered = item[2] !== undefined;
      if (open?.type !== "list" || open.ordered !== ordered) blocks.push((open = { type: "list", ordered, items: [] }));
      open.items.push(parseInline(item[3] ?? ""));
    } else {
      if (open?.type !== "paragraph") blocks.push((open = { type: "paragraph", lines: [] }));
      open.lines.push(parseInline(line));
    }
  }
  return blocks;
}

/** The words alone, for ears. */
export function plainText(text: string): string {
  return text.split(/\r?\n/).map((line) => parseInline(line).map((part) => part.text).join("")).join("\n");
}
