// What a test brought: the first rows as they would be taken, and what is wrong with them.
import { fill, make, words } from "../accounts/requests.js";
import { number } from "../shared/shop_page.js";

function table(rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": words.sample }, make("table", { class: "grid" },
    make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...names.map((name) => make("td", {}, row[name] ?? "")))))));
}

export function showTrial(place, { problem, file, sample, report }) {
  const parts = [];
  if (problem) parts.push(make("p", { class: "notice bad" }, problem));
  else if (report) {
    const notes = [fill(words.test_good, { rows: number(report.rows), ok: number(report.ok) })];
    if (report.removed) notes.push(fill(words.test_removed, { count: number(report.removed) }));
    parts.push(make("p", { class: "notice good" }, notes.join(" ")));
  }
  if (file) parts.push(make("p", { class: "soft" }, fill(words.test_file, { file })));
  if (report?.errors.length) {
    parts.push(make("ul", { class: "wrongs" }, ...report.errors.map((error) => make("li", {}, `${fill(words.row, { row: error.row })} ${error.column}: ${error.message}`))));
  }
  if (sample.length) parts.push(make("h3", {}, words.sample), table(sample));
  place.replaceChildren(...parts);
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}
