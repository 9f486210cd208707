// How often each entry is shown, taken, edited and sent by itself: over the days, and one beside the other.
import { call, fill, make, say, whoAmI, words } from "../accounts/requests.js";
import { showSome } from "../shared/first_rows.js";
import { at, base, number, percent, tell } from "../shared/shop_page.js";
import { dayChart, entryChart, spark } from "./charts.js";

const TOP = 10;
const WEEK = 7;
const mayEdit = "mayEdit" in document.body.dataset;
const nameOf = (entry) => (entry.status === "deleted" ? `${entry.id} ${words.deleted}` : entry.question);
const allSent = (entry) => entry.sent + entry.auto;
let asked = 0;
let found = null;
let dates = [];

function datesOf(until, days) {
  const last = new Date(`${until.slice(0, 10)}T00:00:00Z`).getTime();
  return Array.from({ length: days + 1 }, (_, index) => new Date(last - (days - index) * 86400000).toISOString().slice(0, 10));
}

/** A year of days is drawn as weeks: a bar of a day would be a hair. */
function grouped(days) {
  if (days.length <= 100) return days;
  const weeks = [];
  for (let first = 0; first < days.length; first += WEEK) {
    const some = days.slice(first, first + WEEK);
    const total = (name) => some.reduce((sum, day) => sum + (day[name] ?? 0), 0);
    weeks.push({ day: some[0].day, offered: total("offered"), taken: total("taken"), edited: total("edited"), auto: total("auto"), sent: total("sent") });
  }
  return weeks;
}

function showLegend(kinds, withLine) {
  const line = withLine ? [make("li", {}, make("span", { class: "dashed" }), words.offered)] : [];
  at("legend").replaceChildren(...line, ...kinds.map((kind) => make("li", {}, make("span", { class: kind === "sent" ? "taken" : kind }), words[kind])));
}

function showTable(days, columns) {
  at("day-head").replaceChildren(make("tr", {}, make("th", { scope: "col" }, words.day), ...columns.map((name) => make("th", { scope: "col", class: "number" }, words[name]))));
  at("day-rows").replaceChildren(...days.map((day) => make("tr", {}, make("td", {}, day.day), ...columns.map((name) => make("td", { class: "number" }, number(day[name]))))));
}

function showTrend() {
  const entry = found.entries.find((each) => each.id === at("which").value);
  const known = new Map(found.days.map((day) => [day.day, day]));
  const empty = { offered: 0, taken: 0, edited: 0, auto: 0 };
  const all = dates.map((day) => (entry ? { day, taken: entry.trend[day] ?? 0, sent: entry.trend[day] ?? 0 } : { ...empty, ...known.get(day), day }));
  const days = grouped(all);
  const counts = days.map((day) => (entry ? day.sent : day.taken + day.edited + day.auto));
  const name = entry ? nameOf(entry) : words.by_day;
  const label = fill(words.picture, { name, since: dates[0], until: dates.at(-1), most: number(Math.max(...counts)), total: number(counts.reduce((sum, count) => sum + count, 0)) });
  const kinds = entry ? ["taken"] : ["taken", "edited", "auto"];
  dayChart(at("trend"), days, { label, kinds, line: entry ? "" : "offered", lineOf: (day) => fill(entry ? words.entry_day_line : words.day_line, day) });
  showLegend(entry ? ["sent"] : kinds, !entry);
  showTable(days, entry ? ["sent"] : ["offered", ...kinds]);
  at("trend").removeAttribute("aria-busy");
}

function showTop() {
  const top = [...found.entries].filter(allSent).sort((a, b) => allSent(b) - allSent(a)).slice(0, TOP);
  at("top").hidden = top.length === 0;
  at("no-use").hidden = top.length > 0;
  if (top.length) entryChart(at("top"), top, { nameOf, label: fill(words.top_help, { count: top.length }), lineOf: (entry) => fill(words.bar_line, { ...entry, name: nameOf(entry) }) });
}

function linked(entry) {
  if (!mayEdit || entry.status === "deleted") return nameOf(entry);
  return make("a", { href: `${base}/entries#e=${encodeURIComponent(entry.id)}` }, nameOf(entry));
}

function entryRow(entry) {
  const state = entry.status === "draft" || entry.status === "archived" ? make("span", { class: "chip" }, words[entry.status]) : null;
  const counts = [entry.shown, entry.taken, entry.edited, entry.auto].map((count) => make("td", { class: "number" }, number(count)));
  const trend = grouped(dates.map((day) => ({ day, sent: entry.trend[day] ?? 0 }))).map((day) => day.sent);
  return make("tr", {}, make("td", {}, linked(entry), " ", state), ...counts,
    make("td", { class: "number" }, percent(entry.sent / entry.shown)), make("td", {}, allSent(entry) ? spark(trend) : null));
}

function show() {
  const ranked = [...found.entries].sort((a, b) => allSent(b) - allSent(a) || b.shown - a.shown);
  const chosen = at("which").value;
  at("which").replaceChildren(make("option", { value: "" }, words.all), ...ranked.filter(allSent).map((entry) => make("option", { value: entry.id, selected: entry.id === chosen }, nameOf(entry))));
  showTrend();
  showTop();
  showSome(at("entries"), at("all-entries"), ranked, entryRow);
  showSome(at("unused"), at("more-unused"), found.unused, (entry) => make("li", { title: entry.question }, linked(entry)));
  at("all-used").hidden = found.unused.length > 0;
  at("unused-count").hidden = found.unused.length === 0;
  at("unused-count").textContent = number(found.unused.length);
}

async function load() {
  const turn = ++asked;
  const days = Number(at("period").value);
  try {
    const answer = await call("GET", `${base}/suggestion-figures?days=${days}`);
    if (turn !== asked) return; // another period was chosen meanwhile
    found = answer;
    dates = datesOf(found.until, days);
    say(at("problem"), "");
    show();
  } catch (error) {
    tell(error);
  }
}

at("period").addEventListener("change", load);
at("which").addEventListener("change", showTrend);
await whoAmI().catch(tell);
await load();
let width = innerWidth;
addEventListener("resize", () => {
  if (!found || innerWidth === width) return;
  width = innerWidth;
  showTrend();
  showTop();
});
