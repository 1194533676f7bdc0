// What the server holds, and what it is busy with.

import { metrics, own } from "../api.js";
import { bar, bytes, card, h, number, panel, table, tag, UNKNOWN } from "../dom.js";

export async function overview(main, context) {
  const box = h("div", {});
  main.append(h("div", { class: "head" }, h("h1", {}, "Overview"), tag(context.database, "plain")), box);
  const draw = async () => box.replaceChildren(...await parts(context));
  await draw();
  const timer = setInterval(() => draw().catch(() => {}), 2000);
  context.onLeave(() => clearInterval(timer));
}

async function parts(context) {
  const [status, told] = await Promise.all([own("status"), metrics()]);
  const mine = status.collections.filter((each) => each.db === context.database);
  const memory = told.process_resident_memory_bytes;
  const sum = (name) => status.collections.reduce((all, each) => all + each[name], 0);
  const running = status.lanes.reduce((all, lane) => all + lane.running + lane.waiting, 0);
  return [
    h("div", { class: "cards" },
      card(number(status.databases.length), "databases"),
      card(number(status.collections.length), "collections"),
      card(number(sum("rows")), "rows"),
      card(number(sum("sealed") + sum("growing")), "segments"),
      card(memory === undefined ? UNKNOWN : bytes(memory), "memory"),
      card(number(running), "jobs in the background")),
    panel(`Collections of ${context.database}`, table([
      { name: "Name", of: (c) => h("a", { href: context.linkTo("collection", c.db, c.name) }, c.name) },
      { name: "State", of: (c) => (c.loaded ? tag("loaded", "good") : tag("released", "plain")) },
      { name: "Rows", number: true, of: (c) => number(c.rows) },
      { name: "Growing", number: true, of: (c) => number(c.growing_rows) },
      { name: "Segments", number: true, of: (c) => number(c.sealed + c.growing) },
      { name: "On disk", number: true, of: (c) => bytes(c.sealed_bytes) },
      { name: "Index build", of: (c) => bar(c.indexed_rows, c.index_rows) },
    ], mine, "No collections yet: create one with a client or over REST.")),
    panel("Background work", table([
      { name: "Lane", of: (lane) => lane.name },
      { name: "Running", number: true, of: (lane) => lane.running },
      { name: "Waiting", number: true, of: (lane) => lane.waiting },
      { name: "To be tried again", number: true, of: (lane) => lane.refused },
    ], status.lanes)),
  ];
}
