// Draws the tables that ask for it: `data-chart` names the place of the picture, `data-kind` its kind (columns, bars).
// The table stays the truth: it is what is read out, searched, copied, and shown where there are no scripts.
"use strict";
(() => {
  if (!globalThis.echarts) return;
  const drawn = new Map();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const PATTERNS = [
    { symbol: "none" },
    { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4 },
    { symbol: "circle", symbolSize: 0.7, dashArrayX: [[4, 4], [0, 4, 4, 0]], dashArrayY: [4, 0] },
  ];

  const said = (cell) => cell.dataset.name ?? cell.textContent.trim();
  const number = (cell) => {
    const value = Number.parseFloat(cell.textContent.replaceAll(",", ""));
    return Number.isNaN(value) ? null : value;
  };
  const read = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    const asked = heads.filter((head) => "series" in head.dataset);
    const shares = rows.some((row) => asked.some((head) => row.cells[head.cellIndex].textContent.includes("%")));
    if (table.dataset.series === "rows") {
      const series = rows.map((row) => ({ name: said(row.cells[0]), data: [...row.cells].slice(1).map(number) }));
      return { names: heads.slice(1).map(said), series, shares };
    }
    const series = asked.map((head) => ({ name: said(head), data: rows.map((row) => number(row.cells[head.cellIndex])) }));
    return { names: rows.map((row) => said(row.cells[0])), series, shares };
  };

  const look = () => {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    const size = Math.max(12, Number.parseFloat(style.fontSize) * 0.75);
    const font = getComputedStyle(document.body).fontFamily;
    const [ink, soft, line, panel, first, second] = ["--ink", "--soft", "--line", "--panel", "--series-0", "--series-1"].map(of);
    return { ink, soft, line, panel, colours: [first, second], size, font };
  };
  const option = (told, kind, place) => {
    const { ink, soft, line, panel, colours, size, font } = look();
    const across = kind === "bars";
    const shown = (value) => (value == null ? "—" : told.shares ? `${value}%` : value.toLocaleString("en"));
    const steps = Math.min(4, Math.max(2, Math.floor(place.clientHeight / (size * 4))));
    const scale = told.shares ? { max: 100, interval: 25 } : { minInterval: 1, splitNumber: steps };
    const text = { color: soft, fontSize: size, fontFamily: font };
    const room = across ? { width: Math.min(240, place.clientWidth * 0.4), overflow: "break" } : { hideOverlap: true };
    const thin = { lineStyle: { color: line } };
    const names = {
      type: "category", data: told.names, inverse: across, axisTick: { show: false }, axisLine: thin,
      axisLabel: { ...text, ...room },
    };
    const values = { type: "value", ...scale, splitLine: thin, axisLabel: { ...text, formatter: shown } };
    const many = told.series.length > 1;
    return {
      animation: !calm.matches && !document.documentElement.classList.contains("paper"),
      animationDuration: 300,
      color: colours,
      textStyle: { fontFamily: font, color: ink },
      aria: { enabled: true, label: { enabled: false }, decal: { show: true, decals: PATTERNS.map((each) => ({ color: panel, ...each })) } },
      legend: {
        show: many, top: 0, right: 0, icon: "rect", itemWidth: size * 1.8, itemHeight: size, itemGap: size * 1.5,
        selectedMode: false, textStyle: { ...text, color: ink },
      },
      grid: {
        left: 2, right: across ? size * 4 : 6, top: many ? size * 2.6 : 8, bottom: 2, outerBoundsMode: "same",
        outerBoundsContain: "axisLabel",
      },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow" }, valueFormatter: shown,
        backgroundColor: panel, borderColor: line, textStyle: { ...text, color: ink },
      },
      xAxis: across ? values : names,
      yAxis: across ? names : values,
      series: told.series.map((each) => ({
        ...each, type: "bar", barMaxWidth: size * 1.6, barCategoryGap: "35%",
        label: { ...text, show: across, position: "right", color: ink, formatter: ({ value }) => shown(value) },
      })),
    };
  };

  const paint = ({ chart, place, kind, found }, anew) => {
    if (kind === "bars") place.style.height = `${2.2 * found.names.length + 2.5}rem`;
    chart.setOption(option(found, kind, place), { notMerge: anew });
  };
  const begin = (table, place) => {
    place.hidden = false;
    const fold = table.closest("details");
    if (fold) fold.open = false;
    const locale = document.documentElement.lang === "en" ? "EN" : "ZH";
    const chart = echarts.init(place, null, { renderer: "svg", locale });
    const known = { chart, place, kind: table.dataset.kind, told: "" };
    known.watch = new ResizeObserver(() => {
      chart.resize();
      paint(known, false);
    });
    return known;
  };
  const end = ({ chart, place, watch }) => {
    watch.disconnect();
    chart.dispose();
    drawn.delete(place);
  };
  const draw = () => {
    for (const known of drawn.values()) if (!known.place.isConnected) end(known);
    for (const table of document.querySelectorAll("table[data-chart]")) {
      const place = document.getElementById(table.dataset.chart);
      const known = drawn.get(place) ?? begin(table, place);
      const found = read(table);
      const told = JSON.stringify(found);
      if (told === known.told) continue;
      Object.assign(known, { found, told });
      paint(known, false);
      if (!drawn.has(place)) known.watch.observe(place);
      drawn.set(place, known);
    }
  };
  const repaint = () => drawn.forEach((known) => paint(known, true));
  const paper = (is) => {
    document.documentElement.classList.toggle("paper", is);
    for (const { chart } of drawn.values()) chart.resize({ width: is ? 680 : "auto" });
    repaint();
    for (const { chart } of drawn.values()) chart.getZr().flush();
  };

  draw();
  document.addEventListener("htmx:after:swap", draw);
  dark.addEventListener("change", repaint);
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
})();
