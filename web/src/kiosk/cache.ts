// What the kiosk can show without a line: its own files and its content; never anything of a person.

export type Kind = "shell" | "content" | "pass";

/** The kiosk's own files, as seen from its scope. */
export const SHELL = ["kiosk", "kiosk.js", "kiosk.css", "icon.svg", "keyboard.txt"];
const CONTENT = "v1/kiosk";
/** A line that gives nothing in this time counts as cut where there is something kept to show. */
export const WAIT_MS = 4000;

export interface Shelf {
  match: (key: string) => Promise<Response | undefined>;
  put: (key: string, response: Response) => Promise<void>;
}

/** What kind of request it is; `base` is the folder that the kiosk's page lies in. */
export function kindOf(method: string, url: URL, base: URL): Kind {
  if (method !== "GET" || url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return "pass";
  const path = url.pathname.slice(base.pathname.length);
  if (path === CONTENT) return "content";
  return SHELL.includes(path) ? "shell" : "pass";
}

/** Under which name an answer is kept: a file without its query, content with it, for each expo has its own. */
export function keyOf(kind: Kind, url: URL): string {
  return kind === "content" ? url.pathname + url.search : url.pathname;
}

/** The newest that can be had: from the line, and where that fails or is slow, what was kept before. Throws where there is neither. */
export async function answer(key: string, ask: () => Promise<Response>, shelf: Shelf, waitMs: number = WAIT_MS): Promise<Response> {
  const fresh = ask().then(async (response) => {
    if (response.ok) await shelf.put(key, response.clone()).catch(() => undefined);
    return response;
  });
  // Where what was kept is shown, nobody waits for it any more.
  fresh.catch(() => undefined);
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), waitMs));
  const first = await Promise.race([fresh, late]).catch(() => null);
  if (first?.ok) return first;
  return (await shelf.match(key)) ?? first ?? fresh;
}
