// A small markdown subset as data: paragraphs, two kinds of lists, bold, http(s) links. Everything else is plain text.

export type Inline = { type: "text" | "bold"; text: string } | { type: "link"; text: string; href: string };
export type Block = { type: "paragraph"; lines: Inline[][] } | { type: "list"; ordered: boolean; items: Inline[][] };

const INLINE = /\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\(([^()\s]+)\)|(https?:\/\/[A-Za-z0-9\-._~:/?#@!$&*+,;=%]+)/g;

/** The address when it is a plain http(s) one, else null. A host in other letters than addresses have may look like another's: null too. */
export function safeHref(raw: string): string | null {
  try {
    const url = new URL(raw);
    const plain = (url.protocol === "http:" || url.protocol === "https:") && !url.username && !url.password;
    return plain && !/(?:^|\.)xn--/.test(url.hostname) ? url.href : null;
  } catch {
    return null;
  }
}

/** Whether the words name another host than the one to which the link leads. */
function misleads(label: string, href: string): boolean {
  const named = /(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}/u.exec(label)?.[0].toLowerCase();
  const bare = (host: string): string => host.replace(/^www\./, "");
  return named !== undefined && bare(named) !== bare(new URL(href).hostname);
}

/** Whether a bare address is cut off in the middle of a word: its host goes on in other letters, and it may look like another's. */
function broken(rest: string): boolean {
  return /^\p{L}/u.test(rest) && !/^\p{Script=Han}/u.test(rest);
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
    const rest = text.slice(match.index + whole.length);
    const href = target !== undefined ? safeHref(target) : bare !== undefined && !broken(rest) ? safeHref(bare) : null;
    if (bold !== undefined) parts.push({ type: "bold", text: bold });
    else if (href !== null && label !== undefined && misleads(label, href)) plain(`${label}（${href}）`);
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
