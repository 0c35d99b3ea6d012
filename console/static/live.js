// When a page may renew itself. htmx fetches and puts in place; this says when that would disturb somebody, shows when
// nothing comes any more, and follows to the page of signing in.
"use strict";
(() => {
  const SILENCE = 25000;
  const FILLED = "#content :is(input:not([type=checkbox], [type=radio]), select, textarea)";
  let heard = -Infinity;

  const disturbs = () =>
    document.hidden || document.activeElement?.matches(FILLED) || document.querySelector("#content form[method=post] input:checked");
  // A filter says what the address says, also where somebody had chosen otherwise and then cleared it.
  const filters = () => document.querySelectorAll("#content form[method=get]");
  const isToldAnyway = () => performance.now() - heard < SILENCE;
  const show = (lost) => document.body.classList.toggle("lost", lost);
  const on = (name, act) => document.addEventListener(name, (event) => {
    const { ctx } = event.detail;
    if (ctx) act(event, ctx, ctx.sourceElement.id);
  });

  on("htmx:before:request", (event, _, id) => {
    if (id === "live" && (disturbs() || isToldAnyway())) event.preventDefault();
  });
  on("htmx:before:response", (event, ctx) => {
    if (!ctx.response.raw.redirected) return;
    event.preventDefault();
    location.assign(ctx.response.raw.url);
  });
  on("htmx:before:swap", (event, _, id) => {
    if (id === "live" && disturbs()) event.preventDefault();
  });
  on("htmx:after:swap", (_, __, id) => {
    if (id === "live") show(false);
    else if (id !== "stream") filters().forEach((form) => form.reset());
  });
  on("htmx:response:error", (_, __, id) => {
    if (id === "live") show(true);
  });
  on("htmx:error", (_, ctx, id) => {
    if (id === "live") show(true);
    else if (id !== "stream") location.assign(ctx.request.action);
  });
  document.addEventListener("htmx:sse:error", () => { heard = -Infinity; });
  document.addEventListener("htmx:sse:after:message", () => {
    heard = performance.now();
    show(false);
  });
})();
