"use strict";
const cuts = JSON.parse(document.getElementById("data").textContent);
const [left, right, top_, bottom] = cuts.box;
const slider = document.getElementById("slider");
const all = cuts.same + cuts.different;
const count = (n) => n.toLocaleString("en-US");
const percent = (share) => (100 * share).toFixed(1) + "%";

function at(number) {
  const hits = cuts.hits[number], wrong = cuts.false[number];
  return {
    threshold: cuts.threshold[number], hits, false: wrong,
    misses: cuts.same - hits, rejected: cuts.different - wrong,
    accuracy: (hits + cuts.different - wrong) / all,
    precision: hits / (hits + wrong), recall: hits / cuts.same,
    f1: 2 * hits / (hits + wrong + cuts.same),
  };
}

function written(name, value) {
  if (!Number.isFinite(value)) return "–";
  if (name === "threshold") return value.toFixed(4);
  if (name === "f1") return value.toFixed(3);
  return ["hits", "misses", "false", "rejected"].includes(name) ? count(value) : percent(value);
}

function change(now, own, name, words) {
  const more = now[name] - own[name];
  return `${count(Math.abs(more))} ${more < 0 ? "fewer" : "more"} ${words}`;
}

function cost(now, own) {
  if (now.threshold === own.threshold) return "This is the twin’s own threshold.";
  const wrong = now.false + now.misses - own.false - own.misses;
  const sum = wrong === 0 ? "as many wrong answers in all"
    : `${count(Math.abs(wrong))} ${wrong < 0 ? "fewer" : "more"} wrong answers in all`;
  return `Against the twin’s own threshold: ${change(now, own, "false", "false alarms")} and ` +
    `${change(now, own, "misses", "misses")}, so ${sum}, of ${count(all)} pairs.`;
}

function move(mark, now) {
  const along = (share) => left + (right - left) * share;
  const up = (share) => bottom - (bottom - top_) * share;
  const moved = {
    threshold: () => mark.setAttribute("d", `M${along(now.threshold)} ${top_}V${bottom}`),
    roc: () => place(mark, along(now.false / cuts.different), up(now.recall)),
    "precision-recall": () =>
      place(mark, along(now.recall), up(Number.isFinite(now.precision) ? now.precision : 1)),
  };
  moved[mark.dataset.moves]();
}

function place(mark, x, y) {
  mark.setAttribute("cx", x);
  mark.setAttribute("cy", y);
}

function show(number) {
  const now = at(number), own = at(cuts.own);
  slider.value = number;
  slider.setAttribute("aria-valuetext", now.threshold.toFixed(4));
  for (const out of document.querySelectorAll("[data-out]")) {
    const name = out.dataset.out;
    out.textContent = name === "cost" ? cost(now, own) : written(name, now[name]);
  }
  for (const mark of document.querySelectorAll("[data-moves]")) move(mark, now);
}

for (const part of document.querySelectorAll("[hidden]")) part.hidden = false;
slider.addEventListener("input", () => show(Number(slider.value)));
for (const button of document.querySelectorAll("[data-number]"))
  button.addEventListener("click", () => show(Number(button.dataset.number)));
show(cuts.own);

document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
