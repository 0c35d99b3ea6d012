// Makes the desk of a text kinder: line numbers, a check while somebody types, and links that go to the line. Without it
// everything works by the buttons.
"use strict";
(() => {
  const text = document.getElementById("text");
  if (!text) return;
  const gutter = document.createElement("pre");
  gutter.className = "gutter";
  gutter.setAttribute("aria-hidden", "true");
  text.parentElement.prepend(gutter);
  text.parentElement.classList.add("numbered");
  let counted = 0;
  const number = () => {
    const lines = text.value.split("\n").length;
    if (lines === counted) return;
    counted = lines;
    gutter.textContent = Array.from({ length: lines }, (_, n) => n + 1).join("\n") + "\n\n\n";
  };
  const follow = () => { gutter.scrollTop = text.scrollTop; };
  text.addEventListener("scroll", follow);

  const goTo = (line, column) => {
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + column - 1;
    text.focus();
    text.setSelectionRange(start, start + 1);
    text.scrollTop = (line - 6) * (text.scrollHeight / lines.length);
    follow();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    goTo(Number(link.dataset.line), Number(link.dataset.column));
  });

  const address = text.dataset.check;
  const state = document.getElementById("live");
  const found = document.getElementById("live-found");
  let waiting = 0;
  let asking = false;
  let again = false;
  const check = async () => {
    if (asking) { again = true; return; }
    asking = true;
    state.textContent = state.dataset.busy;
    try {
      const body = new URLSearchParams({ text: text.value, form_token: text.form.elements.form_token.value });
      const answer = await fetch(address, { method: "POST", body });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      found.replaceChildren(...page.body.childNodes);
      state.textContent = state.dataset.idle;
    } catch {
      state.textContent = state.dataset.failed;
    }
    asking = false;
    if (again) { again = false; check(); }
  };
  if (address && state && found) {
    state.hidden = false;
    text.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(check, 700); });
  }
  text.addEventListener("input", number);
  number();
})();
