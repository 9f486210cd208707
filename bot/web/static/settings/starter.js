// A trade's first entries: looked at, put into the shop, taken back; and the facts that their replies want.
import { call, fill, make, say, words } from "../accounts/requests.js";
import { at, base, tell } from "../shared/shop_page.js";
import { submit } from "./fields.js";

const FEW = 8;
const MOST_FACTS = 8;
const names = JSON.parse(document.body.dataset.facts);
const said = at("start-said");
let chosen = "";

async function guarded(work) {
  try {
    await work();
  } catch (error) {
    tell(error, said);
  }
}

function row(entry) {
  return make("tr", { class: entry.is_new ? null : "kept" },
    make("td", {}, entry.question, " ", make("span", { class: "chip" }, entry.is_new ? words[`group_${entry.group}`] : words.kept)),
    make("td", {}, entry.reply),
    make("td", { class: "mono" }, entry.short_code));
}

function showPlan(plan) {
  const fresh = plan.entries.filter((entry) => entry.is_new);
  const rows = [...fresh, ...plan.entries.filter((entry) => !entry.is_new)].map(row);
  const more = at("plan-more");
  at("plan-rows").replaceChildren(...rows.slice(0, FEW));
  more.hidden = rows.length <= FEW;
  more.textContent = fill(words.show_all, { count: rows.length });
  more.onclick = () => {
    at("plan-rows").replaceChildren(...rows);
    more.hidden = true;
  };
  at("apply").disabled = fresh.length === 0;
  at("apply").textContent = fresh.length ? fill(words.apply, { count: fresh.length }) : words.nothing_new;
  at("plan").hidden = false;
}

function choose(button, starter) {
  chosen = starter.id;
  for (const each of at("trades").children) each.setAttribute("aria-pressed", String(each === button));
  return guarded(async () => {
    say(said, "");
    const plan = await call("GET", `${base}/starters/${starter.id}`);
    if (chosen === starter.id) showPlan(plan);
  });
}

function askFacts(missing) {
  at("facts-form").hidden = missing.length === 0;
  at("missing").replaceChildren(...missing.slice(0, MOST_FACTS).map((name) => make("div", { class: "field" },
    make("label", { for: `fact-${name}` }, names[name] ?? name),
    make("input", { id: `fact-${name}`, name, maxlength: 500, autocomplete: "off" }))));
}

const apply = () => guarded(async () => {
  at("apply").disabled = true;
  try {
    const done = await call("POST", `${base}/starters/${chosen}`, {});
    const undo = make("button", { type: "button", class: "small", onclick: () => guarded(takeBack) }, words.undo);
    say(said, fill(words.applied, { count: done.written }), "good");
    said.append(" ", undo);
    at("plan").hidden = true;
    askFacts(done.missing);
  } finally {
    at("apply").disabled = false;
  }
});

async function takeBack() {
  const undone = await call("POST", `${base}/entries/import/undo`, {});
  say(said, fill(words.undone, { count: undone.removed }), "good");
  at("facts-form").hidden = true;
  for (const each of at("trades").children) each.setAttribute("aria-pressed", "false");
}

function saveFacts(event) {
  event.preventDefault();
  const form = at("facts-form");
  const facts = Object.fromEntries([...form.elements].filter((input) => input.name && input.value.trim()).map((input) => [input.name, input.value.trim()]));
  submit(form, () => call("PUT", `${base}/facts`, { facts }), fill(words.facts_saved, { count: Object.keys(facts).length }));
}

export async function showStarters(isNew) {
  const { starters } = await call("GET", `${base}/starters`);
  const name = (starter) => (words.lang === "en" && starter.name_en ? starter.name_en : starter.name);
  at("trades").replaceChildren(...starters.map((starter) => {
    const button = make("button", { type: "button", "aria-pressed": "false", onclick: () => choose(button, starter) },
      name(starter), make("small", {}, fill(words.trade_entries, { count: starter.entries })));
    return button;
  }));
  if (isNew) at("start-lead").textContent = words.start_new;
  else at("start").parentNode.append(at("start")); // who has entries has other things to do first
  at("start").hidden = false;
  at("apply").addEventListener("click", apply);
  at("facts-form").addEventListener("submit", saveFacts);
}
