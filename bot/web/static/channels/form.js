// Setting up a channel: the fields that its kind asks for, and the secrets that were made for it, shown once.
import { call, fill, make, Refused, say, words } from "../accounts/requests.js";
import { at, base as shopBase } from "../shared/shop_page.js";

const base = `${shopBase}/channels`;
const form = at("form");
let kind = null;
let changed = null;
let saved = () => {};

export const kindName = (name) => words[`kind_${name}`] ?? name;
const labelOf = (field) => field[words.lang] ?? field.en;

function inputOf(field) {
  const id = `s-${field.name}`;
  const given = changed?.settings[field.name] ?? field.usual;
  if (field.sort === "flag") return make("label", { class: "check" }, make("input", { type: "checkbox", id, name: id, checked: Boolean(given) }), labelOf(field));
  const type = field.secret ? "password" : { url: "url", number: "number" }[field.sort] ?? "text";
  const input = make("input", { id, name: id, type, maxlength: 2000, spellcheck: "false", autocomplete: "off", required: field.required, placeholder: field.secret && changed ? words.kept : "" });
  if (!field.secret) input.value = given;
  return make("div", { class: "field" }, make("label", { for: id }, labelOf(field)), input);
}

function read() {
  const document = { kind: kind.kind, name: form.elements.name.value.trim(), enabled: changed?.enabled ?? true, settings: {}, secrets: {} };
  for (const field of kind.fields.filter((each) => !each.generated)) {
    const input = form.elements[`s-${field.name}`];
    if (field.secret) {
      if (input.value) document.secrets[field.name] = input.value;
    } else if (field.sort === "flag") document.settings[field.name] = input.checked;
    else if (field.sort === "number") document.settings[field.name] = Number(input.value);
    else document.settings[field.name] = input.value.trim();
  }
  return document;
}

function refuse(error) {
  if (!(error instanceof Refused)) throw error;
  for (const name of Object.keys(error.fields)) form.elements[name === "name" ? name : `s-${name.split(".").at(-1)}`]?.setAttribute("aria-invalid", "true");
  const lines = Object.entries(error.fields).map(([name, message]) => {
    const field = kind.fields.find((each) => each.name === name.split(".").at(-1));
    return field ? `${labelOf(field)}：${message}` : message;
  });
  say(at("form-problem"), lines.join(" ") || error.message, "bad");
}

async function save(event) {
  event.preventDefault();
  say(at("form-problem"), "");
  for (const input of form.elements) input.removeAttribute("aria-invalid");
  try {
    if (changed) await call("PUT", `${base}/${encodeURIComponent(changed.id)}`, read());
    else {
      const made = await call("POST", base, read());
      if (Object.keys(made.secrets).length) showSecrets(kind, made.secrets, made.address);
    }
    at("editor").close();
    await saved();
  } catch (error) {
    refuse(error);
  }
}

function secretLine(name, value) {
  const copy = make("button", { type: "button", class: "small", onclick: async () => {
    await navigator.clipboard?.writeText(value);
    copy.textContent = words.copied;
  } }, words.copy);
  return make("div", { class: "secret" }, make("span", { class: "soft" }, name), make("code", {}, value), copy);
}

/** Show what was made once; the page keeps nothing of it. */
export function showSecrets(of, secrets, address) {
  const lines = Object.entries(secrets).map(([name, value]) => secretLine(labelOf(of.fields.find((field) => field.name === name) ?? { en: name }), value));
  lines.push(secretLine(words.address, location.origin + address + (of.kind === "chatwoot" && secrets.path ? `/${secrets.path}` : "")));
  at("secret-list").replaceChildren(...lines);
  at("secrets").showModal();
}

const forgetSecrets = () => at("secret-list").replaceChildren();

export function openForm(of, channel, whenSaved) {
  kind = of;
  changed = channel ?? null;
  saved = whenSaved;
  say(at("form-problem"), "");
  form.elements.name.value = channel?.name ?? "";
  const own = kind.fields.filter((field) => field.generated);
  at("fields").replaceChildren(...kind.fields.filter((field) => !field.generated).map(inputOf), ...(channel ? [] : own.map((field) => make("p", { class: "help" }, `${labelOf(field)}：${words.secret_made}`))));
  at("editor-title").textContent = fill(channel ? words.change : words.new, { kind: kindName(kind.kind) });
  at("editor").showModal();
  form.elements.name.focus();
}

form.addEventListener("submit", save);
at("editor-close").addEventListener("click", () => at("editor").close());
// Escape closes a dialog too, and tells so only later: both ways wipe the secrets, the button at once.
at("secrets").addEventListener("close", forgetSecrets);
at("secrets-close").addEventListener("click", () => {
  forgetSecrets();
  at("secrets").close();
});
