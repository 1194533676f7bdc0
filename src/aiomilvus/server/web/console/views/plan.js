// An explanation as a picture: the operation, its requests, and what was done in each segment.

import { h, number, panel, s } from "../dom.js";

const WIDTH = 1000, ROOT = 150, GAP = 30, TALL = 74, SPACE = 12;

export function plan(found) {
  const segments = found.requests.flatMap((request) =>
    request.segments.map((segment) => ({ ...segment, request })));
  const slowest = Math.max(1, ...segments.map((each) => each.filter_microseconds + each.search_microseconds));
  const height = Math.max(TALL, segments.length * (TALL + SPACE) - SPACE);
  const middle = height / 2;
  const drawn = segments.map((each, at) => segmentBox(each, at * (TALL + SPACE), slowest, middle));
  const picture = s("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": "How it was run" },
    s("rect", { class: "root", x: 0, y: middle - 28, width: ROOT, height: 56, rx: 10 }),
    s("text", { class: "root-text", x: ROOT / 2, y: middle - 4, "text-anchor": "middle" }, found.operation.replace("_", " ")),
    s("text", { class: "root-text", x: ROOT / 2, y: middle + 14, "text-anchor": "middle" }, `${number(Math.round(found.actual_microseconds))} µs`),
    drawn);
  return h("div", { class: "plan" }, panel(`How it was run: ${found.collection}`, picture,
    h("div", { class: "legend" },
      ["all rows in the segment", "rows that pass the filter", "time filtering", "time searching"].map((text, at) =>
        h("span", {}, h("i", { class: ["all", "pass", "filter", "search"][at] }), text))),
    h("p", { class: "soft" }, `Estimated ${number(Math.round(found.estimated_microseconds))} µs, took ${number(Math.round(found.actual_microseconds))} µs on snapshot ${found.snapshot}.`)));
}

function segmentBox(segment, top, slowest, middle) {
  const left = ROOT + GAP * 2, width = WIDTH - left;
  const share = segment.rows ? segment.passing_rows / segment.rows : 0;
  const lane = 260, at = left + width - lane - 16;
  const scale = (micros) => (lane * micros) / slowest;
  const y = top + TALL / 2;
  const by = segment.index ? `${segment.strategy}: ${segment.index}` : segment.strategy;
  const field = segment.request.field ? `${segment.request.field} · ` : "";
  const filtered = segment.filtered_by
    ? `filter by ${segment.filtered_by}${segment.scalar_indexes.length ? ` (${segment.scalar_indexes.join(", ")})` : ""}` : "no filter";
  return s("g", {},
    s("path", { class: "edge", d: `M${ROOT} ${middle} C${ROOT + GAP} ${middle} ${ROOT + GAP} ${y} ${left} ${y}` }),
    s("rect", { class: "box", x: left, y: top + 1, width: width - 1, height: TALL - 2, rx: 10 }),
    s("text", { x: left + 16, y: top + 24 }, `${field}segment ${segment.segment}, ${segment.kind}`),
    s("text", { class: "dim", x: left + 16, y: top + 42 }, by),
    s("text", { class: "dim", x: left + 16, y: top + 60 }, filtered),
    s("rect", { class: "all", x: at, y: top + 14, width: lane, height: 10, rx: 5 }),
    s("rect", { class: "pass", x: at, y: top + 14, width: Math.max(2, lane * share), height: 10, rx: 5 }),
    s("text", { class: "dim", x: at - 10, y: top + 23, "text-anchor": "end" }, `${number(segment.passing_rows)} of ${number(segment.rows)} rows`),
    s("rect", { class: "filter", x: at, y: top + 48, width: scale(segment.filter_microseconds), height: 10 }),
    s("rect", { class: "search", x: at + scale(segment.filter_microseconds), y: top + 48, width: Math.max(1, scale(segment.search_microseconds)), height: 10 }),
    s("text", { class: "dim", x: at - 10, y: top + 57, "text-anchor": "end" },
      `${number(Math.round(segment.filter_microseconds + segment.search_microseconds))} µs`));
}
