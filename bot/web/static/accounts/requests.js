// Calls of the API as the signed-in person, and small pieces that the account pages share.
export const words = JSON.parse(document.body.dataset.words);
let csrf = "";

export class Refused extends Error {
  constructor(status, error, retryAfter) {
    super(error?.message || words.offline);
    this.status = status;
    this.fields = error?.fields || {};
    this.retryAfter = retryAfter;
  }
}

export function keepSecret(value) {
  csrf = value;
}

export async function call(method, path, body, more = {}) {
  const headers = { "X-Kuaihui-CSRF": csrf, ...more };
  const isFile = body instanceof Blob;
  if (body !== undefined) headers["Content-Type"] = isFile ? body.type : "application/json";
  let response;
  try {
    response = await fetch(`/api/v1${path}`, { method, headers, body: body === undefined || isFile ? body : JSON.stringify(body) });
  } catch {
    throw new Refused(0, { message: words.offline });
  }
  const data = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return data;
  if (response.status === 401 && path !== "/session") leave();
  throw new Refused(response.status, data?.error, response.headers.get("Retry-After"));
}

export function leave() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
}

export async function whoAmI() {
  const me = await call("GET", "/me");
  keepSecret(me.csrf);
  document.getElementById("sign-out")?.addEventListener("click", async () => {
    try {
      await call("DELETE", "/session");
    } finally {
      location.assign("/login");
    }
  });
  return me;
}

// An element with attributes and children; texts become text nodes, never markup.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function say(element, text, kind = "") {
  element.className = `notice ${kind}`.trim();
  element.textContent = text;
  element.hidden = !text;
}

// Show a refusal at its fields where the form has them, and in the form's notice.
export function showRefusal(form, error) {
  for (const input of form.elements) input.removeAttribute("aria-invalid");
  let first = null;
  for (const name of Object.keys(error.fields || {})) {
    const input = form.elements[name];
    if (input instanceof Element) {
      input.setAttribute("aria-invalid", "true");
      first ??= input;
    }
  }
  const messages = Object.values(error.fields || {});
  say(form.querySelector(".notice"), messages.length ? messages.join(" ") : error.message, "bad");
  first?.focus();
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function moment(text) {
  const options = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false };
  return new Intl.DateTimeFormat(words.lang === "zh" ? "zh-CN" : "en-GB", options).format(new Date(text));
}

/** A shop's own wall clock to the minute, as it is kept: no zone of the browser's comes in. */
export const wallTime = (text) => text.slice(0, 16).replace("T", " ");

export function shopName(shop) {
  return words.lang === "en" && shop.name_en ? shop.name_en : shop.name;
}
