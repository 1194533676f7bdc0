// The console's frame: signing in, the side bar, and which view the address asks for.

import { isSignedIn, rest, signIn } from "./api.js";
import { failure, field, h } from "./dom.js";
import { collectionView } from "./views/collection.js";
import { metricsView } from "./views/metrics.js";
import { overview } from "./views/overview.js";
import { usersView } from "./views/users.js";

const app = document.getElementById("app");
let database = "default";
let shownLast = 0;
let leave = () => {};

function place() {
  const [view, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { view: view || "overview", rest };
}

export function linkTo(...parts) {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

async function show() {
  const turn = ++shownLast;
  leave();
  leave = () => {};
  const { view, rest: rest_ } = place();
  if (view === "collection") database = rest_[0];
  try {
    const [databases, collections] = await Promise.all([
      rest("databases/list"), rest("collections/list", { dbName: database }),
    ]);
    if (turn !== shownLast) return;
    const main = h("main", {});
    app.replaceChildren(h("div", { class: "shell" }, side(databases, collections.sort()), main));
    const context = { database, linkTo, onLeave: (stop) => { leave = stop; } };
    await content(view, rest_, main, context);
    main.dataset.ready = view;
  } catch (error) {
    if (turn !== shownLast) return;
    if (error.status === 401) app.replaceChildren(login(isSignedIn() ? error : null));
    else app.replaceChildren(h("main", {}, failure(error)));
  }
}

async function content(view, parts, main, context) {
  try {
    if (view === "collection") await collectionView(main, context, parts[1], parts[2] ?? "schema");
    else if (view === "metrics") await metricsView(main, context);
    else if (view === "users") await usersView(main, context);
    else await overview(main, context);
  } catch (error) {
    if (error.status === 401) throw error;
    main.append(failure(error));
  }
}

function side(databases, collections) {
  const { view, rest: parts } = place();
  const link = (name, text, here) => h("a", { href: name, class: here ? "here" : "" }, text);
  const choose = h("select", { "aria-label": "Database", onchange: (event) => {
    database = event.target.value;
    if (location.hash === "#/overview") show(); else location.hash = "#/overview";
  } }, databases.map((name) => h("option", { value: name, selected: name === database }, name)));
  return h("aside", { class: "side" },
    h("a", { class: "brand", href: "#/overview" }, h("img", { src: "icon.svg", alt: "" }), "aiomilvus"),
    h("nav", {},
      link("#/overview", "Overview", view === "overview"),
      link("#/metrics", "Metrics", view === "metrics"),
      link("#/users", "Users and roles", view === "users")),
    h("div", {}, h("div", { class: "label" }, "Database"), choose),
    h("div", {}, h("div", { class: "label" }, "Collections"),
      h("nav", { class: "collections" }, collections.map((name) =>
        link(linkTo("collection", database, name), name, view === "collection" && parts[1] === name)),
        collections.length ? null : h("span", { class: "soft" }, "none"))),
    isSignedIn() ? h("button", { onclick: () => { signIn(null); show(); } }, "Sign out") : null);
}

function login(error) {
  const user = h("input", { name: "user", autocomplete: "username", autofocus: true });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password" });
  const enter = async (event) => {
    event.preventDefault();
    signIn(user.value ? `${user.value}:${password.value}` : password.value);
    await show();
  };
  return h("div", { class: "login" }, h("form", { class: "panel", onsubmit: enter },
    h("div", { class: "brand" }, h("img", { src: "icon.svg", alt: "" }), "aiomilvus"),
    field("User (leave empty for a token)", user), field("Password or token", password),
    error ? h("div", { class: "error", role: "alert" }, "Not accepted: check user and password.") : null,
    h("button", { class: "main", type: "submit" }, "Sign in")));
}

window.addEventListener("hashchange", show);
show();
