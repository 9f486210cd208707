// The preview: how many rows of which verdict, and the rows themselves, a page at a time.
import { fill, make, words } from "../accounts/requests.js";
import { at, number } from "../shared/shop_page.js";

const PAGE = 100;
const NAMED = 5;
const KINDS = ["wrong", "new", "changed", "same"];
const { intents, columns } = JSON.parse(document.body.dataset.names);
let rows = [];
let kind = "";
let start = 0;

// One line a row: what is wrong with it, or what becomes of it.
function rowsOf(report) {
  const found = new Map();
  for (const error of report.errors) {
    const row = found.get(error.row) ?? { row: error.row, kind: "wrong", errors: [] };
    row.errors.push(error);
    found.set(error.row, row);
  }
  for (const verdict of report.verdicts) found.set(verdict.row, { ...verdict, kind: verdict.verdict });
  return [...found.values()].sort((one, other) => one.row - other.row);
}

function chip(row) {
  const colour = { wrong: " bad", new: " good", changed: " warn" }[row.kind] ?? "";
  return make("span", { class: `chip${colour}` }, words[row.kind]);
}

// The message in the page's language: refusals say the same in Chinese and then in English.
function told(message) {
  const [chinese, english] = message.split(/(?<=[。？]) +(?=[\x20-\x7e])/, 2);
  return words.lang === "en" ? english ?? chinese : chinese;
}

function line(row) {
  if (row.kind === "wrong") {
    const errors = row.errors.map((error) => make("span", { class: "wrong", title: error.message }, make("strong", {}, columns[error.column] ?? error.column), ` ${told(error.message)}`));
    return make("tr", {}, make("td", { class: "number" }, number(row.row)), make("td", {}, chip(row)), make("td", { colspan: 2 }, ...errors));
  }
  const guessed = (name) => row.guessed.includes(name) && make("span", { class: "chip", title: words[`guess_${name}`] }, words.guess);
  return make("tr", {}, make("td", { class: "number" }, number(row.row)), make("td", {}, chip(row)),
    make("td", {}, row.title, !row.has_question && make("span", { class: "said" }, words.no_question)),
    make("td", {}, words[`group_${row.group}`], " ", guessed("group"),
      row.intent && make("span", { class: "said" }, intents[row.intent] ?? row.intent, " ", guessed("intent"))));
}

function list() {
  const chosen = kind ? rows.filter((row) => row.kind === kind) : rows;
  at("rows").replaceChildren(...chosen.slice(start, start + PAGE).map(line));
  const last = Math.min(start + PAGE, chosen.length);
  at("shown").textContent = chosen.length ? fill(words.shown_rows, { first: number(start + 1), last: number(last), total: number(chosen.length) }) : "";
  for (const id of ["before", "after"]) at(id).hidden = chosen.length <= PAGE;
  at("before").disabled = start === 0;
  at("after").disabled = last >= chosen.length;
}

function choose(name) {
  kind = name;
  start = 0;
  for (const button of at("filters").children) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
  list();
}

function filters(counts) {
  const shown = [["", rows.length], ...KINDS.map((name) => [name, counts[name]])].filter(([name, count]) => !name || count);
  at("filters").replaceChildren(...shown.map(([name, count]) => make("button", { type: "button", class: "small", "data-kind": name, "aria-pressed": "false", onclick: () => choose(name) }, `${name ? words[name] : words.all} ${number(count)}`)));
}

// Shows the report and returns its counts: {new, changed, same, wrong, removed}.
export function show(report) {
  rows = rowsOf(report);
  const counts = Object.fromEntries(KINDS.map((name) => [name, rows.filter((row) => row.kind === name).length]));
  counts.removed = report.removed.length;
  const tiles = ["new", "changed", "same", "wrong", ...(counts.removed ? ["removed"] : [])];
  at("tiles").replaceChildren(make("div", {}, make("dt", {}, words.rows), make("dd", {}, number(report.rows))),
    ...tiles.map((name) => make("div", { class: (name === "wrong" || name === "removed") && counts[name] ? "bad" : null }, make("dt", {}, words[name]), make("dd", {}, number(counts[name])))));
  const names = report.removed.slice(0, NAMED).join("、") + (report.removed.length > NAMED ? ` ${words.and_more}` : "");
  at("removing").hidden = !counts.removed;
  at("removing").textContent = fill(words.removing, { count: number(counts.removed), names });
  filters(counts);
  choose(counts.wrong ? "wrong" : "");
  return counts;
}

export function listens() {
  at("before").addEventListener("click", () => { start = Math.max(0, start - PAGE); list(); });
  at("after").addEventListener("click", () => { start += PAGE; list(); });
}
