// The data browser: rows by filter, page by page.

import { rest } from "../api.js";
import { failure, field, h, panel, shown, table } from "../dom.js";

const PAGE = 25;

export async function browser(box, named, about) {
  const filter = h("input", { class: "mono", name: "filter", placeholder: 'id > 100 and color == "red"' });
  const fields = h("input", { class: "mono", name: "fields", value: "*" });
  const result = h("div", { class: "rows" });
  let offset = 0;
  const draw = async () => {
    const asked = fields.value.split(",").map((name) => name.trim()).filter(Boolean);
    const body = { ...named, filter: filter.value, outputFields: asked.length ? asked : ["*"], limit: PAGE, offset };
    try {
      result.replaceChildren(rows(await rest("entities/query", body), offset, about));
    } catch (error) {
      result.replaceChildren(failure(error));
    }
  };
  const step = (by) => { offset = Math.max(0, offset + by); return draw(); };
  const start = (event) => { event?.preventDefault(); offset = 0; return draw(); };
  box.append(panel("", h("form", { onsubmit: start },
    h("div", { class: "form" }, field("Filter", filter, "wide"), field("Fields", fields, "wide"),
      h("div", { class: "buttons wide" },
        h("button", { class: "main", type: "submit" }, "Show"),
        h("button", { type: "button", name: "previous", onclick: () => step(-PAGE) }, "Previous"),
        h("button", { type: "button", name: "next", onclick: () => step(PAGE) }, "Next"))))), result);
  await draw();
}

function rows(found, offset, about) {
  const first = about.fields.find((each) => each.primaryKey)?.name;
  const names = [...new Set(found.flatMap((row) => Object.keys(row)))];
  names.sort((a, b) => (b === first) - (a === first));
  const title = found.length ? `Rows ${offset + 1} to ${offset + found.length}` : "Rows";
  return panel(title, table(
    names.map((name) => ({ name, of: (row) => shown(row[name] ?? null) })), found, "No rows pass."));
}
