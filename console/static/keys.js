// Keys for the lines of the queue: j k x Enter / ?; everything they do can be done without them.
// Lines are looked up anew each time, because the list may have been renewed in between.
"use strict";
(() => {
  let here = "";
  const lines = () => [...document.querySelectorAll("#lines tbody tr")];
  const at = () => lines().findIndex((line) => line.id === here);
  const box = (line) => line?.querySelector("input[type=checkbox]");
  const show = () => {
    for (const each of lines()) each.classList.toggle("here", each.id === here);
    const all = document.getElementById("choose-all");
    if (all) all.hidden = false;
  };
  const mark = (line) => {
    here = line.id;
    show();
  };
  const go = (to) => {
    const all = lines();
    if (!all.length) return;
    const line = all[Math.max(0, Math.min(all.length - 1, to))];
    mark(line);
    line.querySelector("a.open").focus({ preventScroll: true });
    line.scrollIntoView({ block: "nearest" });
  };
  const choose = () => {
    const chosen = box(lines()[at()]);
    if (chosen) chosen.checked = !chosen.checked;
  };
  const help = () => {
    const told = document.getElementById("keys");
    if (!told) return;
    told.open = !told.open;
    if (told.open) told.scrollIntoView({ block: "nearest" });
  };
  const keys = {
    j: () => go(at() + 1),
    k: () => go(at() - 1),
    x: choose,
    "/": () => document.getElementById("find")?.focus(),
    "?": help,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("focusin", (event) => {
    const line = event.target.closest("#lines tbody tr");
    if (line) mark(line);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "choose-all") return;
    for (const line of lines()) {
      const chosen = box(line);
      if (chosen) chosen.checked = event.target.checked;
    }
  });
  document.addEventListener("htmx:after:swap", show);
  show();
})();
