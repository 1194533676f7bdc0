// One collection: schema, data, search, indexes, segments.

import { own, rest } from "../api.js";
import { bar, bytes, h, number, panel, table, tag } from "../dom.js";
import { browser } from "./browser.js";
import { playground } from "./playground.js";

const TABS = ["schema", "data", "search", "indexes", "segments"];

export async function collectionView(main, context, name, tab) {
  const named = { dbName: context.database, collectionName: name };
  const [about, count] = await Promise.all([
    rest("collections/describe", named), rest("collections/get_stats", named).catch(() => null),
  ]);
  const loaded = about.load === "LoadStateLoaded";
  main.append(
    h("div", { class: "head" }, h("h1", {}, about.collectionName),
      loaded ? tag("loaded", "good") : tag("released", "plain"),
      tag(about.consistencyLevel, "plain"),
      count ? h("span", { class: "soft" }, `${number(count.rowCount)} rows`) : null),
    h("div", { class: "tabs" }, TABS.map((each) =>
      h("a", { href: context.linkTo("collection", context.database, name, each), class: each === tab ? "here" : "" },
        each[0].toUpperCase() + each.slice(1)))));
  const box = h("div", {});
  main.append(box);
  if (tab === "data") await browser(box, named, about);
  else if (tab === "search") await playground(box, named, about);
  else if (tab === "indexes") await repeated(box, context, () => indexes(named));
  else if (tab === "segments") await repeated(box, context, () => segments(named));
  else box.append(...schema(about));
}

async function repeated(box, context, make) {
  const draw = async () => box.replaceChildren(...await make());
  await draw();
  const timer = setInterval(() => draw().catch(() => {}), 1500);
  context.onLeave(() => clearInterval(timer));
}

function schema(about) {
  const all = [...about.fields, ...about.structFields.flatMap((struct) =>
    [struct, ...struct.fields.map((inner) => ({ ...inner, name: `${struct.name}[${inner.name}]` }))])];
  const marks = (f) => [
    f.primaryKey && tag("primary key"), f.autoId && tag("auto id"), f.partitionKey && tag("partition key"),
    f.nullable && tag("nullable", "plain"), f.isFunctionOutput && tag("function output", "warn"),
  ].filter(Boolean);
  const panels = [panel("Fields", table([
    { name: "Name", of: (f) => h("span", { class: "mono" }, f.name) },
    { name: "Type", of: (f) => (f.elementType && f.elementType !== "None" ? `${f.type} of ${f.elementType}` : f.type) },
    { name: "Parameters", of: (f) => (f.params ?? []).map((p) => tag(`${p.key} ${p.value}`, "plain")) },
    { name: "", of: marks },
    { name: "Description", of: (f) => f.description ?? "" },
  ], all))];
  if (about.enableDynamicField) panels.push(h("p", { class: "soft" }, "Rows may have further keys (dynamic field)."));
  if (about.functions.length) panels.push(panel("Functions", table([
    { name: "Name", of: (f) => f.name },
    { name: "From", of: (f) => f.inputFieldNames.join(", ") },
    { name: "To", of: (f) => f.outputFieldNames.join(", ") },
  ], about.functions)));
  if (about.properties.length) panels.push(panel("Properties", table([
    { name: "Key", of: (p) => h("span", { class: "mono" }, p.key) }, { name: "Value", of: (p) => p.value },
  ], about.properties)));
  return panels;
}

async function indexes(named) {
  const names = await rest("indexes/list", named);
  const found = (await Promise.all(names.map((name) =>
    rest("indexes/describe", { ...named, indexName: name })))).flat();
  return [panel("Indexes", table([
    { name: "Name", of: (i) => i.indexName },
    { name: "Field", of: (i) => h("span", { class: "mono" }, i.fieldName) },
    { name: "Type", of: (i) => tag(i.indexType || "AUTOINDEX") },
    { name: "Metric", of: (i) => i.metricType },
    { name: "State", of: (i) => tag(i.indexState, i.indexState === "Finished" ? "good" : "warn") },
    { name: "Built", of: (i) => bar(i.indexedRows, i.totalRows) },
    { name: "Rows", number: true, of: (i) => `${number(i.indexedRows)} / ${number(i.totalRows)}` },
  ], found, "No indexes."))];
}

async function segments(named) {
  const found = await own("segments/list", named);
  const most = Math.max(1, ...found.map((each) => each.rows));
  return [panel(`Segments (${found.length})`, table([
    { name: "Id", of: (each) => h("span", { class: "mono" }, each.id) },
    { name: "State", of: (each) => tag(each.state, each.state === "Growing" ? "warn" : "good") },
    { name: "Rows", number: true, of: (each) => number(each.rows) },
    { name: "", of: (each) => bar(each.rows, most * 1.0001) },
    { name: "Size", number: true, of: (each) => bytes(each.bytes) },
    { name: "Index", of: (each) => each.index || h("span", { class: "soft" }, "none") },
  ], found, "No segments: nothing was inserted, or the collection is released."))];
}
