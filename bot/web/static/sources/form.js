// The form of one source: what is asked, how its columns are called, and a test before it is saved.
import { call, fill, make, Refused, say, words } from "../accounts/requests.js";
import { at, base, shop } from "../shared/shop_page.js";
import { showTrial } from "./trial.js";

const tables = JSON.parse(document.body.dataset.tables);
const form = at("form");
const NEW = { table: "stock", enabled: true, pattern: "*.csv", folder: "", url: "", headers: [], form: "auto", rows_path: "", columns: {}, every_minutes: 60, timeout_seconds: 20, max_megabytes: 8, replace: false, name: "" };
const TEXTS = ["name", "table", "pattern", "folder", "url", "form", "rows_path"];
const NUMBERS = ["every_minutes", "timeout_seconds", "max_megabytes"];
let kind = "folder";
let changed = null;
let saved = () => {};

const removal = (line) => make("button", { type: "button", class: "icon quiet small", "aria-label": words.remove, onclick: () => line().remove() }, "×");

function headerLine(header = { name: "", value: "", secret: true }) {
  const kept = header.secret && header.value === null;
  const line = make("div", { class: "entry header" },
    make("input", { class: "header-name", "aria-label": words.header_name, placeholder: "Authorization", value: header.name, maxlength: 100, spellcheck: "false" }),
    make("input", { class: "header-value", "aria-label": words.header_value, placeholder: kept ? words.kept : "", value: header.value ?? "", maxlength: 4000, autocomplete: "off", spellcheck: "false", type: header.secret ? "password" : "text" }),
    make("label", { class: "check" }, make("input", { type: "checkbox", class: "header-secret", checked: header.secret, onchange: (event) => {
      line.querySelector(".header-value").type = event.target.checked ? "password" : "text";
    } }), words.secret),
    removal(() => line));
  line.dataset.kept = kept ? header.name : "";
  return line;
}

function columnLine(ours = "", theirs = "") {
  const options = tables[form.elements.table.value].map(({ name, label }) => make("option", { value: name, selected: name === ours }, label.toLowerCase() === name ? label : `${label} ${name}`));
  const line = make("div", { class: "entry column" },
    make("select", { class: "ours", "aria-label": words.ours }, make("option", { value: "" }, "–"), ...options),
    make("input", { class: "theirs", "aria-label": words.theirs, value: theirs, maxlength: 200, spellcheck: "false" }),
    removal(() => line));
  return line;
}

function showColumns(columns) {
  const pairs = Object.entries(columns);
  const known = tables[form.elements.table.value].filter(({ key }) => key).map(({ name }) => [name, ""]);
  at("columns").replaceChildren(...(pairs.length ? pairs : known).map(([ours, theirs]) => columnLine(ours, theirs)));
}

const value = (line, name) => line.querySelector(name).value.trim();

function headerOf(line) {
  const name = value(line, ".header-name");
  const given = line.querySelector(".header-value").value;
  const secret = line.querySelector(".header-secret").checked;
  return { name, secret, value: secret && !given && line.dataset.kept === name ? null : given };
}

function read() {
  const source = { kind, enabled: changed ? changed.enabled : true, replace: form.elements.replace.checked, columns: {}, headers: [] };
  for (const name of TEXTS) source[name] = form.elements[name].value.trim();
  for (const name of NUMBERS) source[name] = Number(form.elements[name].value) || 0;
  for (const line of at("columns").children) {
    if (value(line, ".ours") && value(line, ".theirs")) source.columns[value(line, ".ours")] = value(line, ".theirs");
  }
  if (kind === "http") source.headers = [...at("headers").children].filter((line) => value(line, ".header-name")).map(headerOf);
  source.pattern ||= "*";
  return source;
}

const labelOf = (input) => input?.labels?.[0]?.textContent || "";

function refuse(error) {
  if (!(error instanceof Refused)) throw error;
  const lines = [];
  for (const [name, message] of Object.entries(error.fields)) {
    const input = form.elements[name.split(/[.[]/)[0]];
    if (input instanceof Element && !input.matches("fieldset")) input.setAttribute("aria-invalid", "true");
    lines.push([labelOf(input), message].filter(Boolean).join("："));
  }
  say(at("form-problem"), lines.join(" ") || error.message, "bad");
  at("form-problem").scrollIntoView({ block: "nearest" });
}

function begin() {
  say(at("form-problem"), "");
  for (const input of form.elements) input.removeAttribute("aria-invalid");
}

async function test() {
  begin();
  at("test").disabled = true;
  say(at("trial"), "");
  at("trial").className = "";
  at("trial").hidden = false;
  at("trial").textContent = words.testing;
  try {
    showTrial(at("trial"), await call("POST", `${base}/source-trial`, { ...read(), id: changed?.id ?? "" }));
  } catch (error) {
    at("trial").hidden = true;
    refuse(error);
  } finally {
    at("test").disabled = false;
  }
}

async function save(event) {
  event.preventDefault();
  begin();
  try {
    if (changed) await call("PUT", `${base}/sources/${encodeURIComponent(changed.id)}`, read());
    else await call("POST", `${base}/sources`, read());
    at("editor").close();
    await saved();
  } catch (error) {
    refuse(error);
  }
}

export function openForm(of, source, whenSaved) {
  kind = of;
  changed = source ?? null;
  saved = whenSaved;
  begin();
  const given = { ...NEW, ...source };
  for (const part of form.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== kind;
  for (const name of [...TEXTS, ...NUMBERS]) form.elements[name].value = given[name];
  form.elements.replace.checked = given.replace;
  at("headers").replaceChildren(...given.headers.map(headerLine));
  showColumns(given.columns);
  at("trial").hidden = true;
  at("folder-help").textContent = fill(words.folder_help, { path: `inbox/${shop}/` });
  at("every-label").textContent = kind === "http" ? words.every_label : words.every_folder;
  at("editor-title").textContent = source ? words.change : words[`new_${kind}`];
  at("editor").showModal();
  form.elements.name.focus();
}

form.addEventListener("submit", save);
form.elements.table.addEventListener("change", () => showColumns({}));
at("test").addEventListener("click", test);
at("editor-close").addEventListener("click", () => at("editor").close());
at("add-header").addEventListener("click", () => {
  at("headers").append(headerLine());
  at("headers").lastElementChild.querySelector("input").focus();
});
at("add-column").addEventListener("click", () => {
  at("columns").append(columnLine());
  at("columns").lastElementChild.querySelector("select").focus();
});
