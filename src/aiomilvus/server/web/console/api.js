// The server: its REST API, and what the console has beside it. All with the same credentials.

const KEY = "aiomilvus.authorization";

export class Refused extends Error {
  constructor(code, message, status) {
    super(code === undefined ? message : `${message} (code ${code})`);
    this.code = code;
    this.status = status;
  }
}

export function signIn(credentials) {
  if (credentials) sessionStorage.setItem(KEY, `Bearer ${credentials}`);
  else sessionStorage.removeItem(KEY);
}

export function isSignedIn() {
  return sessionStorage.getItem(KEY) !== null;
}

function headers() {
  const own = sessionStorage.getItem(KEY);
  return own ? { Authorization: own } : {};
}

async function post(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Type-Allow-Int64": "false", ...headers() },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw new Refused(undefined, `The server does not answer: ${error.message}`, 0);
  }
  const found = await response.json().catch(() => ({ message: response.statusText }));
  if (found.code !== 0) throw new Refused(found.code, found.message ?? "failed", response.status);
  return found;
}

export async function rest(path, body = {}) {
  return (await post(`/v2/vectordb/${path}`, body)).data;
}

export async function reply(path, body = {}) {
  return post(`/v2/vectordb/${path}`, body);
}

export async function own(path, body = {}) {
  return (await post(`/aiomilvus/v1/${path}`, body)).data;
}

export async function metrics() {
  const text = await (await fetch("/metrics", { headers: headers() })).text();
  const found = {};
  for (const line of text.split("\n")) {
    if (!line || line.startsWith("#")) continue;
    const cut = line.lastIndexOf(" ");
    const name = line.slice(0, cut);
    const plain = name.replace(/\{.*$/, "");
    const value = Number(line.slice(cut + 1));
    found[plain] = (found[plain] ?? 0) + value;
    found[name] = value;
  }
  return found;
}
