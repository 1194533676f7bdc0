// Live charts of what the server measures: a point every second, kept for two minutes.

import { metrics } from "../api.js";
import { bytes, h, number, s, UNKNOWN } from "../dom.js";

const EVERY = 1000, KEPT = 120;

const CHARTS = [
  { name: "Calls per second", of: (now, last, dt) => (now.aiomilvus_calls_total - last.aiomilvus_calls_total) / dt, as: (v) => v.toFixed(1) },
  { name: "Mean duration", of: (now, last) => {
    const count = now.aiomilvus_call_seconds_count - last.aiomilvus_call_seconds_count;
    return count ? (1000 * (now.aiomilvus_call_seconds_sum - last.aiomilvus_call_seconds_sum)) / count : 0;
  }, as: (v) => `${v.toFixed(2)} ms` },
  { name: "Processor", of: (now, last, dt) => (100 * (now.process_cpu_seconds_total - last.process_cpu_seconds_total)) / dt, as: (v) => `${v.toFixed(0)} %` },
  { name: "Memory", of: (now) => now.process_resident_memory_bytes, as: bytes },
  { name: "Rows", of: (now) => now.aiomilvus_rows ?? 0, as: number },
  { name: "Rows to be indexed", of: (now) => now.aiomilvus_pending_rows ?? 0, as: number },
  { name: "Searches waiting", of: (now) => now.aiomilvus_searches_waiting, as: number },
  { name: "Open files", of: (now) => now.process_open_fds, as: number },
];

export async function metricsView(main, context) {
  const charts = CHARTS.map((chart) => ({ ...chart, points: [], ...drawing(chart.name) }));
  main.append(h("div", { class: "head" }, h("h1", {}, "Metrics")), h("div", { class: "charts" }, charts.map((each) => each.element)));
  let last = await metrics(), before = performance.now();
  const tick = async () => {
    const now = await metrics(), at = performance.now();
    for (const chart of charts) {
      const value = chart.of(now, last, (at - before) / 1000);
      if (!Number.isFinite(value)) {
        chart.value.textContent = UNKNOWN;
        continue;
      }
      chart.points.push(Math.max(0, value));
      if (chart.points.length > KEPT) chart.points.shift();
      draw(chart);
    }
    last = now;
    before = at;
  };
  const timer = setInterval(() => tick().catch(() => {}), EVERY);
  context.onLeave(() => clearInterval(timer));
}

function drawing(name) {
  const area = s("path", { class: "area" }), line = s("path", { class: "line" });
  const value = h("b", {}, "…");
  const picture = s("svg", { viewBox: `0 0 ${KEPT} 100`, preserveAspectRatio: "none" }, area, line);
  return { area, line, value, element: h("section", { class: "chart" }, h("header", {}, h("span", { class: "soft" }, name), value), picture) };
}

function draw(chart) {
  const most = Math.max(...chart.points) * 1.15 || 1;
  const start = KEPT - chart.points.length;
  const at = chart.points.map((value, n) => `${start + n} ${(98 - (94 * value) / most).toFixed(2)}`);
  chart.line.setAttribute("d", `M${at.join("L")}`);
  chart.area.setAttribute("d", `M${start} 100L${at.join("L")}L${KEPT - 1} 100Z`);
  chart.value.textContent = chart.as(chart.points.at(-1));
}
