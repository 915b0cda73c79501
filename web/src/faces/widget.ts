// The widget: one script tag on the center's site. An open shadow root with constructed stylesheets; nothing of the site is touched.
//
//   <script src="https://…/widget.js" data-site="center" defer></script>
//
// data-site: the site's name at the server; data-event: an expo's code; data-lang: zh | en; data-place: right | left; data-theme: light | dark.

import appCss from "../app.css";
import { Memory, OUTBOX_KEY, plainShelf, SESSION_KEY, type Shelf } from "../core/memory";
import themeCss from "../theme.css";
import { button, el, focused } from "../ui/dom";
import { followScreen } from "../ui/screen";
import { Shell } from "../ui/shell";
import widgetCss from "../widget.css";
import { useLanguage, WORDING, type Language } from "../wording";

const SCOPE = "aid-widget:";
/** Where the panel fills the screen; the same as in widget.css. */
const FULL_SCREEN = "(max-width: 40em), (max-height: 30em)";

function shelf(): Shelf {
  try {
    return window.localStorage;
  } catch {
    return plainShelf();
  }
}

function sheets(): CSSStyleSheet[] {
  return [themeCss, appCss, widgetCss].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}

class Widget {
  private readonly host: HTMLElement = document.createElement("aid-assistant");
  private readonly shadow = this.host.attachShadow({ mode: "open" });
  private readonly memory: Memory;
  private readonly full = matchMedia(FULL_SCREEN);
  private shell: Shell | null = null;
  private launcher: HTMLButtonElement | null = null;
  private panel: HTMLDialogElement | null = null;
  private unread = 0;

  constructor(private readonly base: string, private readonly options: DOMStringMap) {
    this.memory = new Memory(shelf(), SCOPE);
    this.shadow.adoptedStyleSheets = sheets();
    if (options["place"] === "left") this.host.dataset["place"] = "left";
    if (options["theme"]) this.host.dataset["theme"] = options["theme"];
  }

  mount(): void {
    document.body.append(this.host);
    this.build();
    // A site should not be covered on each of its pages: where the panel fills the screen it opens on a tap alone.
    if (this.memory.look().open && !this.full.matches) this.show();
    this.full.addEventListener("change", () => this.resized());
    window.addEventListener("online", () => this.shell?.talk.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.shell?.talk.wake());
    window.addEventListener("storage", (event) => {
      if (event.key === SCOPE + SESSION_KEY) this.shell?.talk.adopt();
      if (event.key === SCOPE + OUTBOX_KEY) this.shell?.talk.outboxChanged();
    });
  }

  private language(): Language {
    return this.memory.look().language ?? (this.options["lang"] === "en" ? "en" : "zh");
  }

  private build(): void {
    useLanguage(this.language());
    this.host.lang = this.language() === "en" ? "en" : "zh-CN";
    this.shell?.talk.stop();
    this.shell = new Shell({
      root: this.host, memory: this.memory, base: this.base, site: this.options["site"] ?? null, event: this.options["event"] ?? null,
      embedded: true, links: true, scope: SCOPE,
      switchLanguage: () => this.switchLanguage(),
      close: () => this.close(),
      replied: () => this.count(),
    });
    this.launcher = button("", "launcher", () => this.open());
    this.panel = el("dialog", { class: "panel", "aria-labelledby": "aid-title" }, this.shell.element);
    this.panel.addEventListener("keydown", (event) => this.escaped(event));
    // A phone's own way back, where the panel is modal.
    this.panel.addEventListener("cancel", (event) => {
      if (event.target !== this.panel) return;
      event.preventDefault();
      this.close();
    });
    followScreen(this.panel, () => this.full.matches);
    this.shadow.replaceChildren(el("section", { class: "corner", "aria-label": WORDING.region }, this.launcher, this.panel));
    this.label();
    void this.shell.talk.start();
  }

  private switchLanguage(): void {
    const written = this.shell?.composer.input.value ?? "";
    this.memory.keepLook({ language: this.language() === "zh" ? "en" : "zh" });
    this.build();
    this.open();
    if (this.shell) this.shell.composer.input.value = written;
  }

  private open(): void {
    this.show();
    // On a phone the keyboard would cover the greeting.
    if (this.full.matches) this.shell?.transcript.element.focus();
    else this.shell?.composer.input.focus();
  }

  private close(): void {
    if (!this.panel || !this.launcher) return;
    this.panel.close();
    this.launcher.hidden = false;
    this.memory.keepLook({ open: false });
    this.launcher.focus();
  }

  /** Filling the screen, the panel is modal: nobody should get lost behind it. */
  private show(): void {
    if (!this.panel || !this.launcher || this.panel.open) return;
    if (this.full.matches) this.panel.showModal();
    else this.panel.show();
    this.launcher.hidden = true;
    this.unread = 0;
    this.label();
    this.memory.keepLook({ open: true });
    this.shell?.transcript.opened();
    void this.shell?.greet();
  }

  /** The window became small or large: modal or not is another thing now; the focus stays. */
  private resized(): void {
    if (!this.panel?.open) return;
    const before = focused(this.panel);
    this.panel.close();
    this.show();
    if (before instanceof HTMLElement) before.focus();
  }

  private escaped(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (event.target instanceof Element && event.target.closest("dialog") !== this.panel) return;
    event.preventDefault();
    this.close();
  }

  private count(): void {
    if (!this.panel?.open) this.unread += 1;
    this.label();
  }

  private label(): void {
    const count = this.unread > 9 ? "9+" : String(this.unread);
    const told = this.unread ? [el("span", { class: "badge" }, count), el("span", { class: "unseen" }, WORDING.unread)] : [];
    this.launcher?.replaceChildren(WORDING.open, ...told);
  }
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  const begin = (): void => new Widget(new URL(".", script.src).href, script.dataset).mount();
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
}
