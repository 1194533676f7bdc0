// Building elements. Text always becomes a text node, so nothing stored in a database is markup.

export function h(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  apply(made, props);
  made.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false));
  return made;
}

export function s(tag, props = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(props)) made.setAttribute(name, value);
  made.append(...children.flat(Infinity));
  return made;
}

function apply(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
}

export function table(columns, rows, empty = "Nothing here yet.") {
  if (!rows.length) return h("p", { class: "soft" }, empty);
  const head = columns.map((column) => h("th", { class: column.number ? "number" : "" }, column.name));
  const body = rows.map((row) =>
    h("tr", {}, columns.map((column) => h("td", { class: column.number ? "number" : "" }, column.of(row)))));
  return h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, body)));
}

export function bar(done, total) {
  const share = total ? Math.min(done / total, 1) : 1;
  const fill = h("i");
  fill.style.width = `${100 * share}%`;
  return h("div", { class: share >= 1 ? "bar done" : "bar", title: `${done} of ${total}` }, fill);
}

export function tag(text, kind = "") {
  return h("span", { class: `tag ${kind}` }, text);
}

export function card(value, text) {
  return h("div", { class: "card" }, h("b", {}, value), h("span", {}, text));
}

export function panel(title, ...content) {
  return h("section", { class: "panel" }, title ? h("h2", {}, title) : null, ...content);
}

export function failure(error) {
  return h("div", { class: "error", role: "alert" }, error.message);
}

export function field(name, control, kind = "") {
  return h("label", { class: kind }, name, control);
}

// What no worker can tell of all of them, or the system does not tell: never a zero.
export const UNKNOWN = "not known";

export function number(value) {
  return Number(value).toLocaleString("en-US");
}

export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  while (value >= 1024 && at < units.length - 1) { value /= 1024; at += 1; }
  return `${value.toFixed(at && value < 100 ? 1 : 0)} ${units[at]}`;
}

export function shown(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return h("div", { class: "cell mono", title: text }, text ?? "");
}
