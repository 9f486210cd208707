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

// "Mozilla/5.0 (X11; Linux …) … Chrome/130.0 Safari/537.36" says as much as "Chrome 130 · Linux".
function browserOf(agent) {
  const browser = agent.match(/(Edg|Firefox|Chrome|Safari)[a-zA-Z]*\/(\d+)/);
  const system = agent.match(/Windows|Android|iPhone|iPad|Mac OS X|Linux/);
  return [browser ? `${browser[1].replace("Edg", "Edge")} ${browser[2]}` : agent.slice(0, 40), system?.[0]].filter(Boolean).join(" · ");
}

function valueOf(name, value) {
  if (name === "agent") return browserOf(String(value));
  if (name === "role") return words[value] || value;
  if (value === true) return "✓";
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return moment(value);
  return typeof value === "object" ? JSON.stringify(value) : value;
}

function rowOf(line) {
  const details = Object.entries(line.data).filter(([, value]) => ![null, "", false].includes(value) && !(Array.isArray(value) && !value.length));
  return make("tr", {},
    make("td", {}, moment(line.at)),
    make("td", { class: "mono" }, line.actor),
    make("td", {}, words[`kind_${line.kind}`] || line.kind),
    make("td", {}, [line.subject, line.shop].filter(Boolean).join(" · ")),
    make("td", { class: "soft small" }, details.map(([name, value]) => `${words[`detail_${name}`] || name}: ${valueOf(name, value)}`).join(" · ").slice(0, 200)),
  );
}

export async function openAudit() {
  lines.replaceChildren();
  last = "";
  await more();
}

older.addEventListener("click", more);
