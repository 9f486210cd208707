// What became of the entry: who changed which fields and when, and the way back to each version.
import { call, fill, make, moment, Refused, say, words } from "../accounts/requests.js";
import { picture } from "./image.js";
import { at, base, intentNames } from "./pieces.js";

const NAMES = {
  short_code: words.code, status: words.state, "scope.products": words.scope_products, "scope.categories": words.scope_categories,
  "validity.since": words.since, "validity.until": words.until, "validity.weekly": words.weekly,
};
let entry = null; // the one whose history is shown
let restore = () => {};
let read = []; // its edits so far, newest first

const nameOf = (field) => NAMES[field] ?? words[field.replace("cases.", "case_")] ?? field;
export const authorOf = ({ kind, name }) => name || { person: words.former, token: words.by_token, server: words.by_server }[kind];

function hours({ days, since, until }) {
  const names = words.days.split(" ");
  return `${days.map((day) => names[day - 1]).join(" ")} ${since}–${until}`;
}

function valueOf(field, value) {
  if (field === "group") return words[`group_${value}`] ?? value;
  if (field === "intent") return intentNames[value] ?? value;
  if (field === "status") return words[value];
  if (field === "image") return picture(value);
  if (field === "validity.weekly") return value.map(hours).join("\n");
  if (field === "validity.since" || field === "validity.until") return moment(value);
  return Array.isArray(value) ? value.join("\n") : value;
}

// Of a list only what came and what went.
function sides({ field, before, after }) {
  if (!Array.isArray(before) || !Array.isArray(after) || field === "validity.weekly") return [before, after];
  const sides = [before.filter((each) => !after.includes(each)), after.filter((each) => !before.includes(each))];
  return sides.some((side) => side.length) ? sides.map((side) => (side.length ? side : null)) : [before, after];
}

export function difference(each) {
  const [before, after] = sides(each);
  return make("div", {}, make("strong", { class: "small" }, nameOf(each.field)), make("p", { class: "bubble small" },
    before !== null && make("del", {}, valueOf(each.field, before)), before !== null && after !== null && make("br"),
    after !== null && make("ins", {}, valueOf(each.field, after))));
}

function deed(edit) {
  if (edit.entry === null) return [make("p", { class: "soft small" }, words.deleted)];
  if (edit.differences.length && edit.differences.every((each) => each.before === null)) return [make("p", { class: "soft small" }, words.created)];
  if (!edit.differences.length) return [make("p", { class: "soft small" }, words.no_difference)];
  return edit.differences.map(difference);
}

function item(edit, place) {
  const back = make("button", { type: "button", class: "quiet small", onclick: () => restore(edit.version) }, words.restore);
  return make("li", { class: "rendering", "data-version": edit.version }, make("header", {}, make("span", { class: "chip" }, fill(words.version, { version: edit.version })),
    make("span", {}, authorOf(edit.author)), edit.drafted_by && make("span", {}, fill(words.drafted_by, { name: authorOf(edit.drafted_by) })), make("time", { datetime: edit.at }, moment(edit.at)),
    place > 0 && edit.entry !== null && back), ...deed(edit));
}

async function load(before) {
  const asked = entry;
  if (!asked || !at("history-card").open) return;
  say(at("history-problem"), "");
  try {
    const found = await call("GET", `${base}/entries/${encodeURIComponent(asked)}/versions${before ? `?before=${before}` : ""}`);
    if (asked !== entry) return;
    read = before ? [...read, ...found.versions] : found.versions;
    at("edits").replaceChildren(...read.map(item));
    at("older").hidden = !found.more;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(at("history-problem"), error.message, "bad");
  }
}

// Shows the history of the entry of that id (null = of none); `back` brings it back to a version.
export function follow(id, back) {
  if (id !== entry) at("edits").replaceChildren();
  entry = id;
  restore = back;
  read = [];
  at("older").hidden = true;
  at("history-card").hidden = id === null;
  load();
}

at("history-card").addEventListener("toggle", () => load());
at("older").addEventListener("click", () => load(read.at(-1).version));
