// The search playground: by vector, by text, or both; and how the search was run, as a picture.

import { own, reply, rest } from "../api.js";
import { failure, field, h, panel, shown, table } from "../dom.js";
import { plan } from "./plan.js";

const TEXTS = new Set([1, 2, 4]);

export async function playground(box, named, about) {
  const targets = vectorFields(about);
  if (!targets.length) { box.append(failure(new Error("The collection has no vector field."))); return; }
  const parts = [part(named, targets, 0), part(named, targets, Math.min(1, targets.length - 1))];
  const mode = h("select", { name: "mode" }, ["Single", "Hybrid"].map((each) => h("option", {}, each)));
  const filter = h("input", { class: "mono", name: "filter", placeholder: "optional" });
  const limit = h("input", { name: "limit", type: "number", value: 10, min: 1, max: 16384 });
  const fields = h("input", { class: "mono", name: "fields", value: outputs(about) });
  const result = h("div", { class: "hits" });
  const second = h("div", {}, parts[1].element);
  const adjust = () => { second.hidden = mode.value !== "Hybrid"; };
  mode.addEventListener("change", adjust);
  adjust();
  const common = () => ({ ...named, limit: Number(limit.value),
    outputFields: fields.value.split(",").map((name) => name.trim()).filter(Boolean) });
  const request = () => (mode.value === "Single"
    ? ["search", { ...common(), ...parts[0].body(), filter: filter.value }]
    : ["hybrid_search", { ...common(), rerank: { strategy: "rrf", params: { k: 60 } },
      search: parts.map((each) => each.sub(filter.value, Number(limit.value))) }]);
  const run = async (show) => {
    try {
      const [route, body] = request();
      result.replaceChildren(await show(route, body));
    } catch (error) {
      result.replaceChildren(failure(error));
    }
  };
  const search = (event) => { event.preventDefault(); return run(async (route, body) => hits(await reply(`entities/${route}`, body), about)); };
  const explain = () => run(async (route, body) => plan(await own(`explain/${route}`, body)));
  box.append(panel("", h("form", { onsubmit: search },
    h("div", { class: "form" }, field("Mode", mode), field("Limit", limit), field("Filter", filter), field("Output fields", fields)),
    parts[0].element, second,
    h("div", { class: "buttons" },
      h("button", { class: "main", type: "submit" }, "Search"),
      h("button", { type: "button", name: "explain", onclick: explain }, "Explain")))), result);
}

function vectorFields(about) {
  const byText = new Set(about.functions.filter((f) => TEXTS.has(f.type)).flatMap((f) => f.outputFieldNames));
  return about.fields.filter((each) => each.type.endsWith("Vector"))
    .map((each) => ({ ...each, byText: byText.has(each.name),
      dim: Number((each.params ?? []).find((p) => p.key === "dim")?.value ?? 0) }));
}

function outputs(about) {
  return about.fields.filter((each) => !each.type.endsWith("Vector") && !each.primaryKey).slice(0, 4)
    .map((each) => each.name).join(", ") || (about.enableDynamicField ? "*" : "");
}

function part(named, targets, chosen) {
  const choose = h("select", { name: "field" }, targets.map((each, at) =>
    h("option", { value: each.name, selected: at === chosen }, `${each.name} (${each.byText ? "text" : each.type})`)));
  const query = h("textarea", { name: "query", spellcheck: false });
  const params = h("input", { class: "mono", name: "params", value: "{}" });
  const target = () => targets.find((each) => each.name === choose.value);
  const fill = () => { query.value = example(target()); };
  choose.addEventListener("change", fill);
  fill();
  const stored = h("button", { type: "button", name: "stored", onclick: async () => {
    const found = await rest("entities/query", { ...named, filter: "", limit: 1, outputFields: [choose.value] });
    if (found.length) query.value = JSON.stringify(found[0][choose.value]);
  } }, "Use the first row's");
  const data = () => (target().byText ? [query.value] : [parsed(query.value)]);
  return {
    element: h("div", { class: "form part" }, field("Field", choose), field("Parameters", params),
      h("div", { class: "buttons" }, stored), field("Query: a vector, or a text", query, "wide")),
    body: () => ({ annsField: choose.value, data: data(), searchParams: parsed(params.value || "{}") }),
    sub: (filter, limit) => ({ annsField: choose.value, data: data(), limit, filter, params: parsed(params.value || "{}") }),
  };
}

function parsed(text) {
  try { return JSON.parse(text); } catch { throw new Error(`This is no JSON: ${text.slice(0, 80)}`); }
}

function example(target) {
  if (target.byText) return "a few words";
  if (target.type === "SparseFloatVector") return '{"1": 0.5}';
  const random = () => Number((Math.random() * 2 - 1).toFixed(4));
  if (target.type === "BinaryVector") return JSON.stringify(Array(target.dim / 8).fill(0));
  if (target.type === "Int8Vector") return JSON.stringify(Array.from({ length: target.dim }, () => Math.round(random() * 100)));
  return JSON.stringify(Array.from({ length: target.dim }, random));
}

function hits(found, about) {
  const primary = about.fields.find((each) => each.primaryKey).name;
  const names = [...new Set(found.data.flatMap((row) => Object.keys(row)))].filter((name) => name !== primary && name !== "distance");
  return panel(`${found.data.length} hits`, table([
    { name: primary, of: (row) => shown(row[primary]) },
    { name: "distance", number: true, of: (row) => Number(row.distance).toPrecision(5) },
    ...names.map((name) => ({ name, of: (row) => shown(row[name] ?? null) })),
  ], found.data, "No hits."));
}
