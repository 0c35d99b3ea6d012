// Keys for the lines of the queue: j k x Enter / ?; everything they do can be done without them.
"use strict";
(() => {
  const lines = [...document.querySelectorAll("#lines tbody tr")];
  const box = (line) => line?.querySelector("input[type=checkbox]");
  let here = -1;
  const go = (to) => {
    if (!lines.length) return;
    lines[here]?.classList.remove("here");
    here = Math.max(0, Math.min(lines.length - 1, to));
    lines[here].classList.add("here");
    lines[here].querySelector("a.open").focus({ preventScroll: true });
    lines[here].scrollIntoView({ block: "nearest" });
  };
  const keys = {
    j: () => go(here + 1),
    k: () => go(here - 1),
    x: () => { const chosen = box(lines[here]); if (chosen) chosen.checked = !chosen.checked; },
    "/": () => document.getElementById("find")?.focus(),
    "?": () => { const help = document.getElementById("keys"); if (help) { help.open = !help.open; if (help.open) help.scrollIntoView({ block: "nearest" }); } },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  document.addEventListener("focusin", (event) => {
    const at = lines.indexOf(event.target.closest("tr"));
    if (at < 0 || at === here) return;
    lines[here]?.classList.remove("here");
    here = at;
    lines[at].classList.add("here");
  });
  const all = document.getElementById("choose-all");
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => lines.forEach((line) => { const chosen = box(line); if (chosen) chosen.checked = all.checked; }));
  }
})();
