// The queue and the case page: what is new announces itself, ready-made words go into their field, the keyboard walks the table.
// Everything works without it but these three.
"use strict";
(() => {
  const tally = document.getElementById("tally");
  const news = document.getElementById("news");
  const bare = document.title.replace(/^\(\d+\) /, "");

  function told(now) {
    const waiting = now.new + now.overdue + now.leaving;
    document.title = (waiting ? `(${waiting}) ` : "") + bare;
    if (!tally) return;
    const before = ["new", "overdue", "leaving"].map((name) => Number(document.getElementById(`tally-${name}`).textContent));
    document.getElementById("tally-new").textContent = now.new;
    document.getElementById("tally-overdue").textContent = now.overdue;
    document.getElementById("tally-leaving").textContent = now.leaving;
    const said = [];
    if (now.newest > tally.dataset.newest) said.push("有新的案件");
    if (now.overdue > before[1]) said.push(`已超期 ${now.overdue} 件`);
    if (now.leaving > before[2]) said.push(`快撤展 ${now.leaving} 件`);
    if (!said.length) return;
    document.getElementById("fresh").hidden = false;
    document.getElementById("fresh").firstElementChild.textContent = `${said.join("，")}，点这里刷新`;
    news.textContent = said.join("，");
    setTimeout(() => { news.textContent = ""; }, 5000);
  }

  if (tally) {
    const stream = new EventSource(tally.dataset.news);
    stream.addEventListener("tally", (event) => told(JSON.parse(event.data)));
    stream.addEventListener("over", () => { stream.close(); location.reload(); });
    addEventListener("pagehide", () => stream.close());
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-into]") : null;
    const field = button && document.getElementById(button.dataset.into);
    if (!field) return;
    field.value = field.value.trim() ? `${field.value.trimEnd()}\n${button.dataset.text}` : button.dataset.text;
    field.focus();
  });

  const links = [...document.querySelectorAll("#queue a.open")];
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const words = document.getElementById("words");
    if (event.key === "/" && words) {
      event.preventDefault();
      words.focus();
      words.select();
    } else if (links.length && (event.key === "j" || event.key === "k")) {
      const at = links.indexOf(document.activeElement);
      const next = event.key === "j" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0);
      links[next].focus();
    }
  });

  const refused = document.getElementById("refused");
  if (refused) {
    const wrong = document.querySelector("[aria-invalid='true']");
    refused.scrollIntoView();
    if (wrong) wrong.focus();
  }
})();
