// The widget: one script tag on the center's site. An open shadow root with constructed stylesheets; nothing of the site is touched.
//
//   <script src="https://…/widget.js" data-site="center" defer></script>
//
// data-site: the site's name at the server; data-event: an expo's code; data-lang: zh | en; data-place: right | left; data-theme: light | dark.

import appCss from "../app.css";
import { Memory, plainShelf, SESSION_KEY, type Shelf } from "../core/memory";
import themeCss from "../theme.css";
import { button, el } from "../ui/dom";
import { Shell } from "../ui/shell";
import widgetCss from "../widget.css";
import { useLanguage, WORDING, type Language } from "../wording";

const SCOPE = "aid-widget:";

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
  private shell: Shell | null = null;
  private launcher: HTMLButtonElement | null = null;
  private panel: HTMLElement | null = null;
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
    window.addEventListener("online", () => this.shell?.talk.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.shell?.talk.wake());
    window.addEventListener("storage", (event) => event.key === SCOPE + SESSION_KEY && this.shell?.talk.adopt());
  }

  private language(): Language {
    return this.memory.look().language ?? (this.options["lang"] === "en" ? "en" : "zh");
  }

  private build(): void {
    useLanguage(this.language());
    this.shell?.talk.stop();
    this.shell = new Shell({
      root: this.host, memory: this.memory, base: this.base, links: true, site: this.options["site"] ?? null, event: this.options["event"] ?? null,
      switchLanguage: () => {
        this.memory.keepLook({ language: this.language() === "zh" ? "en" : "zh" });
        this.build();
        this.open();
      },
      close: () => this.close(),
      replied: () => this.count(),
    });
    this.launcher = button("", "launcher", () => this.open());
    this.panel = el("div", { class: "panel", role: "dialog", "aria-labelledby": "aid-title", hidden: true }, this.shell.element);
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.close());
    this.shadow.replaceChildren(this.launcher, this.panel);
    this.label();
    void this.shell.talk.start();
    if (this.memory.look().open) this.show(true);
  }

  private open(): void {
    this.show(true);
    this.shell?.composer.input.focus();
  }

  private close(): void {
    this.show(false);
    this.launcher?.focus();
  }

  private show(open: boolean): void {
    if (!this.panel || !this.launcher) return;
    this.panel.hidden = !open;
    this.launcher.hidden = open;
    this.unread = 0;
    this.label();
    this.memory.keepLook({ open });
  }

  private count(): void {
    if (this.panel?.hidden) this.unread += 1;
    this.label();
  }

  private label(): void {
    const dot = this.unread > 0 && el("span", { class: "dot", "aria-hidden": "true" });
    this.launcher?.replaceChildren(...[dot, WORDING.open].filter((part) => part !== false));
    this.launcher?.setAttribute("aria-label", this.unread ? WORDING.openUnread(this.unread) : WORDING.open);
  }
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  const begin = (): void => new Widget(new URL(".", script.src).href, script.dataset).mount();
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
}
