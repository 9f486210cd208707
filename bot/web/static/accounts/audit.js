// The audit log, newest first, page by page.
import { call, make, moment, words } from "./requests.js";

const PAGE = 100;
const lines = document.getElementById("lines");
const older = document.getElementById("older");
let last = "";

async function more() {
  const before = last ? `&before=${encodeURIComponent(last)}` : "";
  const found = (await call("GET", `/team/audit?limit=${PAGE}${before}`)).lines;
  lines.append(...found.map(rowOf));
  last = found.at(-1)?.at || last;
  older.hidden = found.length < PAGE;
  document.getElementById("no-lines").hidden = lines.childElementCount > 0;
}

function rowOf(line) {
  const details = Object.entries(line.data).filter(([, value]) => value !== null && value !== "" && value !== false);
  return make("tr", {},
    make("td", {}, moment(line.at)),
    make("td", { class: "mono" }, line.actor),
    make("td", {}, words[`kind_${line.kind}`] || line.kind),
    make("td", {}, [line.subject, line.shop].filter(Boolean).join(" · ")),
    make("td", { class: "soft small" }, details.map(([name, value]) => `${name}: ${value}`).join(" · ").slice(0, 200)),
  );
}

export async function openAudit() {
  lines.replaceChildren();
  last = "";
  await more();
}

older.addEventListener("click", more);
