// The clock on the wall, in the zone of the calendar.
"use strict";
(() => {
  const clock = document.getElementById("clock");
  const tell = new Intl.DateTimeFormat("sv-SE", { timeZone: clock.dataset.zone, dateStyle: "short", timeStyle: "medium" });
  const tick = () => { clock.textContent = tell.format(new Date()); };
  tick();
  setInterval(tick, 1000);
})();
