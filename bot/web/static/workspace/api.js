// The HTTP API. What goes wrong comes back as ApiFailure, with the server's own words where it has any.
import { t } from "./i18n.js";

const BASE = "/api/v1";
const PATIENCE = 20_000;
let csrf = "";
let whenSignedOut = () => {};

export class ApiFailure extends Error {
  constructor(status, error = {}) {
    super(error.message ?? t("offline"));
    this.status = status;
    this.code = error.code ?? "offline";
    this.fields = error.fields ?? {};
    this.guard = error.guard;
  }
}

export function useSession(token, onSignedOut) {
  csrf = token;
  whenSignedOut = onSignedOut ?? whenSignedOut;
}

export const csrfToken = () => csrf;

export const path = (strings, ...values) =>
  strings.reduce((out, piece, place) => out + encodeURIComponent(values[place - 1]) + piece);

export const ofConversation = (shop, conversation) => path`/shops/${shop}/conversations/${conversation}`;

async function answerOf(response) {
  if (response.status === 204) return null;
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return {}; // a proxy's page instead of our JSON
  }
}

export async function call(method, where, body, { raw, keepalive, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-Kuaihui-CSRF"] = csrf;
  if (raw) headers["Content-Type"] = raw;
  else if (body !== undefined) headers["Content-Type"] = "application/json";
  const within = AbortSignal.timeout(PATIENCE);
  let response;
  try {
    response = await fetch(BASE + where, {
      method,
      headers,
      keepalive,
      signal: signal ? AbortSignal.any([signal, within]) : within,
      body: body === undefined || raw ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error; // asked for something newer
    throw new ApiFailure(0);
  }
  if (response.status === 401) whenSignedOut();
  const answer = await answerOf(response);
  if (!response.ok) throw new ApiFailure(response.status, answer?.error);
  return answer;
}

export const get = (where, options) => call("GET", where, undefined, options);
export const post = (where, body = {}, options) => call("POST", where, body, options);
export const put = (where, body, options) => call("PUT", where, body, options);
export const remove = (where) => call("DELETE", where);
