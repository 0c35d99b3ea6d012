// Keeps the big screen live: parts that changed come as server-sent events; where those are cut off, it is fetched instead.
"use strict";
(() => {
  const { stream, zone, seconds } = document.currentScript.dataset;
  const every = (Number(seconds) || 10) * 1000;
  const silence = 25000;
  let heard = Date.now();
  let source = null;

  const alive = () => { heard = Date.now(); document.body.classList.remove("lost"); };
  const put = (name, html) => {
    const shown = document.getElementById(`part-${name}`);
    if (!shown || shown.innerHTML === html) return;
    const fresh = new DOMParser().parseFromString(html, "text/html");
    shown.replaceChildren(...fresh.body.childNodes);
  };
  const listen = () => {
    source?.close();
    source = new EventSource(stream);
    source.addEventListener("parts", (event) => {
      for (const [name, html] of Object.entries(JSON.parse(event.data))) put(name, html);
      alive();
    });
    source.addEventListener("live", alive);
  };
  const fetchAnew = async () => {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html", "x-mingdeng-refresh": "1" } });
      if (answer.redirected) return location.reload();
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of page.querySelectorAll(".part")) put(part.id.slice("part-".length), part.innerHTML);
      document.body.classList.remove("lost");
    } catch {
      document.body.classList.add("lost");
    }
  };
  const tell = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  const tick = () => { document.getElementById("clock").textContent = tell.format(new Date()); };

  listen();
  tick();
  setInterval(tick, 1000);
  setInterval(() => {
    if (Date.now() - heard < silence) return;
    fetchAnew();
    if (source.readyState === EventSource.CLOSED) listen();
  }, every);
})();
