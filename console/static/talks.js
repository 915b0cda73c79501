// What is new in the talks comes by itself; a ready answer goes into the field, never out by itself.
"use strict";
(() => {
  const place = document.querySelector("[data-news]");
  const title = document.title.replace(/^（\d+ 人在等）/, "");
  const news = document.getElementById("news");
  const toEnd = () => {
    const lines = document.querySelector(".lines");
    if (lines) lines.scrollTop = lines.scrollHeight;
  };
  toEnd();
  document.body.addEventListener("htmx:afterSwap", toEnd);
  if (place) {
    let waited = null;
    const source = new EventSource(place.dataset.news);
    source.addEventListener("changed", (event) => {
      const told = JSON.parse(event.data);
      document.body.dispatchEvent(new Event("talks-changed"));
      if (typeof told.waiting === "number") {
        document.title = (told.waiting ? `（${told.waiting} 人在等）` : "") + title;
        if (waited !== null && told.waiting > waited) news.textContent = `有 ${told.waiting} 人在等工作人员`;
        waited = told.waiting;
      } else if (told.by === "person") news.textContent = "对方说了新的话";
    });
    window.addEventListener("pagehide", () => source.close());
  }
  for (const button of document.querySelectorAll("[data-canned]")) {
    button.addEventListener("click", () => {
      const field = document.getElementById("words");
      field.value = field.value ? `${field.value}\n${button.dataset.canned}` : button.dataset.canned;
      field.focus();
    });
  }
})();
