// Renews the board in place, so that scroll and focus stay where they are; a failed renewal is shown and tried again.
"use strict";
(() => {
  const seconds = Number(document.currentScript.dataset.seconds) || 10;
  const renew = async () => {
    if (document.hidden || document.activeElement?.closest("#content form") || document.querySelector("#content form input:checked")) return;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html", "x-mingdeng-refresh": "1" } });
      if (answer.redirected) return location.reload();
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ["content", "as-of"]) {
        const fresh = page.getElementById(id);
        const shown = document.getElementById(id);
        if (fresh && shown && fresh.innerHTML !== shown.innerHTML) shown.replaceChildren(...fresh.childNodes);
      }
      document.title = page.title;
      document.body.classList.remove("stale");
    } catch {
      document.body.classList.add("stale");
    }
  };
  setInterval(renew, seconds * 1000);
  document.addEventListener("visibilitychange", renew);
})();
