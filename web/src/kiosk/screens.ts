// The screens before a talk: attract, home, a topic, a kept answer, what cannot be done without a line.

import { renderCard } from "../ui/cards";
import { button, el } from "../ui/dom";
import type { Content, Question, Topic, Way } from "./api";
import { KIOSK } from "./wording";

export interface ScreenActs {
  start: () => void;
  home: () => void;
  topic: (topic: Topic) => void;
  ask: (question: Question, from: Topic | null) => void;
  way: (way: Way) => void;
  say: (text: string) => void;
}

/** What shows the expo's name where one is known, else the service's. */
export function titleOf(content: Content | null): string {
  return content?.event_name ?? content?.service ?? KIOSK.service;
}

export function attract(content: Content | null, note: string, acts: ScreenActs): HTMLElement {
  const questions = (content?.questions ?? []).slice(0, 3).map((one) => el("li", {}, one.ask));
  const screen = el("main", { class: "attract" },
    el("h1", {}, titleOf(content)),
    content?.event_name ? el("p", { class: "service" }, content.service) : null,
    el("p", { class: "offer" }, KIOSK.offer),
    questions.length ? el("ul", { class: "teasers" }, ...questions) : null,
    button(KIOSK.start, "start", acts.start),
    el("p", { class: "note", role: "status" }, note));
  // The whole screen is the button; the button is there for eyes and keys.
  screen.addEventListener("click", (event) => event.target instanceof HTMLButtonElement || acts.start());
  return screen;
}

function questionButtons(questions: Question[], from: Topic | null, acts: ScreenActs): HTMLElement {
  return el("ul", { class: "questions" }, ...questions.map((one) => el("li", {}, button(one.ask, "ask-this", () => acts.ask(one, from)))));
}

/** `resume` leads back to a talk that has begun. */
export function home(content: Content, resume: (() => void) | null, acts: ScreenActs): HTMLElement {
  const ways = content.ways.map((way) => {
    const node = button("", `way ${way.id}`, () => acts.way(way));
    node.append(el("strong", {}, way.label), el("span", {}, way.hint));
    return node;
  });
  const tiles = content.topics.map((topic) => {
    const node = button(topic.label, "tile", () => acts.topic(topic));
    node.dataset["topic"] = topic.id;
    return node;
  });
  return el("main", { class: "home" },
    el("p", { class: "public" }, KIOSK.public),
    resume && button(KIOSK.resume, "resume", resume),
    el("section", { "aria-labelledby": "ways-title" }, el("h2", { id: "ways-title" }, KIOSK.ways), el("div", { class: "ways" }, ...ways)),
    el("section", { "aria-labelledby": "often-title" }, el("h2", { id: "often-title" }, KIOSK.often(content.event_name)), questionButtons(content.questions, null, acts)),
    el("section", { "aria-labelledby": "topics-title" }, el("h2", { id: "topics-title" }, KIOSK.topics), el("div", { class: "tiles" }, ...tiles)));
}

export function topicScreen(topic: Topic, acts: ScreenActs): HTMLElement {
  return el("main", { class: "topic-screen" },
    el("h2", { tabindex: "-1" }, topic.label), questionButtons(topic.questions, topic, acts), button(KIOSK.back, "back", acts.home));
}

/** An answer that the kiosk kept, for when the line is down. */
export function answerScreen(question: Question, back: () => void, acts: ScreenActs): HTMLElement {
  return el("main", { class: "answer-screen" },
    el("h2", { tabindex: "-1" }, question.ask), renderCard(question.answer, false, { announce: acts.say, say: () => undefined }), button(KIOSK.back, "back", back));
}

/** What is left to do where the line is down: paper, telephone, and the questions that the kiosk kept. */
export function cannotScreen(content: Content, acts: ScreenActs): HTMLElement {
  return el("main", { class: "cannot" },
    el("h2", { tabindex: "-1" }, KIOSK.cannot),
    el("p", {}, content.offline.title), el("p", { class: "paper" }, content.offline.paper), phones(content), button(KIOSK.toQuestions, "back", acts.home));
}

function phones(content: Content): HTMLElement {
  const lines = content.phones.map((phone) => el("li", {}, el("strong", {}, phone.number), ` ${phone.what}`));
  return el("div", { class: "phones" }, el("p", {}, content.offline.phone), el("ul", {}, ...lines));
}

/** The sign over every screen while the line is down. */
export function offlineSign(content: Content | null): HTMLElement {
  if (!content) return el("p", {}, KIOSK.cannot);
  const { offline } = content;
  const numbers = content.phones.map((phone) => phone.number).join("、");
  return el("div", {}, el("strong", {}, offline.title), el("span", {}, offline.still), el("span", {}, offline.paper), el("span", {}, `${offline.phone}${numbers}`));
}
