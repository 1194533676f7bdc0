// Users with their roles, and roles with what they may do.

import { reply, rest } from "../api.js";
import { h, panel, table, tag } from "../dom.js";

export async function usersView(main) {
  const [users, roles] = await Promise.all([rest("users/list"), rest("roles/list")]);
  const [mine, grants] = await Promise.all([
    Promise.all(users.map((name) => reply("users/describe", { userName: name }))),
    Promise.all(roles.map((name) => rest("roles/describe", { roleName: name }))),
  ]);
  main.append(h("div", { class: "head" }, h("h1", {}, "Users and roles")),
    panel("Users", table([
      { name: "Name", of: (user) => h("b", {}, user.name) },
      { name: "Roles", of: (user) => user.data.map((role) => tag(role)) },
      { name: "Description", of: (user) => user.description },
    ], mine.map((each, at) => ({ ...each, name: users[at] })))),
    ...roles.map((role, at) => panel(`Role ${role}`, table([
      { name: "Privilege", of: (grant) => tag(grant.privilege) },
      { name: "On", of: (grant) => grant.objectType },
      { name: "Name", of: (grant) => h("span", { class: "mono" }, grant.objectName) },
      { name: "Database", of: (grant) => h("span", { class: "mono" }, grant.dbName) },
    ], grants[at], role === "admin" ? "May do everything." : "No grants."))));
}
