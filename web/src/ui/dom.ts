// Building the page from nodes; never from strings of HTML.

export type Child = Node | string | null | undefined | false;

/** An element with attributes and children. An attribute `false` or `undefined` is left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | boolean | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) if (child) node.append(child);
  return node;
}

/** A button that does not submit. */
export function button(label: string, className: string, act: (pressed: HTMLButtonElement) => void): HTMLButtonElement {
  const node = el("button", { type: "button", class: className }, label);
  node.addEventListener("click", () => act(node));
  return node;
}

/** What has the focus in the document or shadow root of `node`. */
export function focused(node: Node): Element | null {
  const root = node.getRootNode();
  return root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
}

/** Copies `text`; falls back where the clipboard is closed to plain http pages. `near`: the button that was pressed. */
export async function copyText(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { class: "unseen", readonly: true, "aria-hidden": "true" });
    area.value = text;
    // Beside the button: in a modal dialog nothing outside can be selected.
    near.after(area);
    area.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {
      done = false;
    }
    area.remove();
    near.focus();
    return done;
  }
}
