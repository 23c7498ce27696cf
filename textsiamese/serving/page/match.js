"use strict";
const entries = document.querySelectorAll(".entry");
const buttons = document.querySelectorAll("[data-show]");

function show(name) {
  for (const button of buttons) button.ariaPressed = String(button.dataset.show === name);
  for (const entry of entries) {
    const same = entry.dataset.same === "1";
    entry.hidden = (name === "same" && !same) || (name === "none" && same);
  }
}

for (const part of document.querySelectorAll("#theme, .presets")) part.hidden = false;
for (const button of buttons) button.addEventListener("click", () => show(button.dataset.show));

document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
