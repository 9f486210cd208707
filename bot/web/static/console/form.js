// The fields of an entry: its document written into the form, and read from it again.
import { make, words } from "../accounts/requests.js";
import { completes } from "./completing.js";
import { chosenImage, showImage, startImage } from "./image.js";
import { at, cases, intentNames, intents, zone } from "./pieces.js";

const form = at("form");
const FAMILY_OF = { stock: "stock", logistics: "order", order_change: "order", shipping: "region" };
let kept = {}; // texts of cases, also of families that are not chosen now
let moments = {}; // validity as it was read: what nobody touched goes back as it came

const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

function local(iso) {
  if (!iso) return "";
  const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat("sv-SE", { ...parts, timeZone: zone }).format(new Date(iso)).replace(" ", "T");
}

function showIntents(chosen) {
  const group = at("f-group").value;
  const names = Object.keys(intents).filter((intent) => intents[intent] === group);
  at("f-intent").replaceChildren(make("option", { value: "" }, words.no_intent),
    ...names.map((intent) => make("option", { value: intent, selected: intent === chosen }, intentNames[intent])));
}

function keepCases() {
  for (const text of at("cases").querySelectorAll("textarea")) kept[text.dataset.case] = text.value;
}

function showCases() {
  const names = cases[at("f-family").value] ?? [];
  at("cases").replaceChildren(...names.map((name) => {
    const id = `f-case-${name}`;
    const text = make("textarea", { id, rows: "2", "data-case": name, "data-field": `cases.${name}` });
    text.value = kept[name] ?? "";
    completes(text);
    return make("div", { class: "field" }, make("label", { for: id }, words[`case_${name}`]), text);
  }));
}

function hoursRow({ days, since, until }) {
  const boxes = words.days.split(" ").map((name, index) => make("label", {},
    make("input", { type: "checkbox", value: String(index + 1), checked: days.includes(index + 1) }), name));
  const row = make("div", { class: "hours", role: "group", "aria-label": words.weekly }, ...boxes,
    make("input", { type: "time", value: since, "aria-label": words.since }), "–",
    make("input", { type: "time", value: until, "aria-label": words.until }),
    make("button", { type: "button", class: "quiet small", onclick: () => { row.remove(); form.dispatchEvent(new Event("input")); } }, words.remove));
  return row;
}

// Days with the same hours stand in one row.
function together(weekly) {
  const rows = new Map();
  for (const { days, since, until } of weekly) {
    const key = `${since} ${until}`;
    rows.set(key, { days: [...(rows.get(key)?.days ?? []), ...days], since, until });
  }
  return [...rows.values()];
}

function family(entry) {
  const named = Object.keys(entry.cases);
  if (!named.length) return "";
  const found = Object.keys(cases).find((each) => named.some((name) => name !== "unknown" && cases[each].includes(name)));
  return found ?? FAMILY_OF[entry.group] ?? "stock";
}

export function write(entry, isNew) {
  clear();
  for (const name of ["id", "question", "reply", "fallback", "short_code", "group", "language"]) at(`f-${name}`).value = entry[name];
  at("f-id").readOnly = !isNew;
  showImage(entry.image);
  at("f-phrasings").value = entry.phrasings.join("\n");
  at("f-products").value = entry.scope.products.join("\n");
  at("f-categories").value = entry.scope.categories.join("\n");
  moments = entry.validity;
  for (const name of ["since", "until"]) at(`f-${name}`).value = local(moments[name]);
  at("hours").replaceChildren(...together(moments.weekly).map(hoursRow));
  showIntents(entry.intent);
  kept = { ...entry.cases };
  at("f-family").value = family(entry);
  showCases();
}

function moment(name) {
  const value = at(`f-${name}`).value;
  if (!value) return null;
  return value === local(moments[name]) ? moments[name] : value.replace("T", " ");
}

export function read(status) {
  keepCases();
  const written = (cases[at("f-family").value] ?? []).filter((name) => kept[name]?.trim());
  const weekly = [...at("hours").children].map((row) => {
    const [since, until] = [...row.querySelectorAll('input[type="time"]')].map((input) => input.value);
    return { days: [...row.querySelectorAll("input:checked")].map((input) => Number(input.value)), since, until };
  });
  return {
    id: at("f-id").value.trim(), group: at("f-group").value, intent: at("f-intent").value || null,
    question: at("f-question").value.trim(), phrasings: lines(at("f-phrasings").value),
    reply: at("f-reply").value.trim(), cases: Object.fromEntries(written.map((name) => [name, kept[name].trim()])),
    fallback: at("f-fallback").value.trim(),
    scope: { products: lines(at("f-products").value), categories: lines(at("f-categories").value) },
    validity: { since: moment("since"), until: moment("until"), weekly },
    short_code: at("f-short_code").value.trim(), image: chosenImage(), language: at("f-language").value, status,
  };
}

export function clear() {
  for (const wrong of form.querySelectorAll(".wrong")) wrong.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

// Shows each message at its field; returns those that have none. "entry.phrasings[2]" belongs to phrasings.
export function showWrong(fields) {
  clear();
  const homeless = [];
  let first = null;
  for (const [path, message] of Object.entries(fields)) {
    let name = path.replace(/^entry\./, "");
    let input = null;
    while (name && !(input = form.querySelector(`[data-field="${CSS.escape(name)}"]`))) name = name.replace(/(^|[.[])[^.[]*$/, "");
    if (!input) {
      homeless.push(message);
      continue;
    }
    input.setAttribute("aria-invalid", "true");
    (input.closest(".field") ?? input).append(make("span", { class: "wrong help" }, message));
    first ??= input;
  }
  first?.focus();
  return homeless;
}

for (const text of form.querySelectorAll("[data-template]")) completes(text);
startImage(() => { clear(); form.dispatchEvent(new Event("input")); }, (message) => { showWrong({ image: message }); });
at("f-group").addEventListener("change", () => showIntents(null));
at("f-family").addEventListener("change", () => { keepCases(); showCases(); });
at("add-hours").addEventListener("click", () => {
  at("hours").append(hoursRow({ days: [1, 2, 3, 4, 5], since: "09:00", until: "18:00" }));
  form.dispatchEvent(new Event("input"));
});
