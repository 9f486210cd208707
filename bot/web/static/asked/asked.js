// What buyers asked in vain, grouped by meaning: a new entry, more phrasings for one, or nothing more of it.
import { call, fill, make, moment, Refused, say, whoAmI, words } from "../accounts/requests.js";
import { addTo } from "./adding.js";
import { showDrafts } from "./drafts.js";
import { at, base, number, shop } from "../shared/shop_page.js";
import { tell } from "./pieces.js";
import { showProposed } from "./proposals.js";
import { trend } from "./trend.js";

let turn = 0;

// The group's words go along to the editor; group and intent are what the classifier reads in them.
async function begin(group) {
  const query = new URLSearchParams(group.examples.map((each) => ["q", each.text]));
  try {
    const read = await call("POST", `${base}/entries/try`, { text: group.question });
    const [best] = read.intents;
    if (best) query.set("group", best.group);
    if (best?.confidence >= 0.4) query.set("intent", best.intent);
  } catch (error) {
    if (!(error instanceof Refused)) throw error; // without a guess the owner chooses
  }
  location.assign(`/shops/${encodeURIComponent(shop)}/entries#new&${query}`);
}

async function ignore(group) {
  try {
    const aside = await call("POST", `${base}/asked/ignored`, { text: group.question });
    await show();
    say(at("done"), words.ignored_now, "good");
    at("done").append(" ", make("button", { type: "button", class: "small", onclick: () => heed(aside.key) }, words.undo));
  } catch (error) {
    tell(error);
  }
}

async function heed(key) {
  try {
    await call("DELETE", `${base}/asked/ignored/${encodeURIComponent(key)}`);
    say(at("done"), "");
    await show();
  } catch (error) {
    tell(error);
  }
}

async function added(entry) {
  await show();
  say(at("done"), fill(words.accepted, { entry: entry.question || entry.id }), "good");
}

function wording(each) {
  return make("li", {}, make("span", { dir: "auto" }, each.text), make("span", { class: "soft small" }, fill(words.times, { count: number(each.count) })));
}

function card(group) {
  const why = Object.entries(group.why).filter(([, count]) => count).map(([name, count]) => fill(words[name], { count: number(count) }));
  const others = group.examples.slice(1);
  return make("li", { class: "card group", "data-key": group.key },
    make("h3", { dir: "auto" }, group.question),
    make("div", { class: "line" }, make("span", { class: "count" }, fill(words.times, { count: number(group.count) })),
      group.conversations > 0 && make("span", { class: "soft small" }, fill(words.buyers, { count: number(group.conversations) })), trend(group.days)),
    make("p", { class: "soft small" }, [...why, fill(words.last, { when: moment(group.last) })].join(" · ")),
    others.length > 0 && make("details", {}, make("summary", {}, fill(words.more_wordings, { count: number(group.wordings - 1) })), make("ul", { class: "wordings" }, ...others.map(wording))),
    make("div", { class: "actions" },
      make("button", { type: "button", class: "small", onclick: () => ignore(group) }, words.ignore),
      make("button", { type: "button", class: "small", onclick: () => addTo(group, added) }, words.add_to),
      make("button", { type: "button", class: "small primary", onclick: () => begin(group) }, words.new_entry)));
}

function ignoredLine(each) {
  return make("li", {}, make("span", { dir: "auto" }, each.text), make("span", { class: "soft small" }, fill(words.ignored_count, { count: number(each.count) })),
    make("button", { type: "button", class: "small", onclick: () => heed(each.key) }, words.restore));
}

function showGroups(found) {
  at("groups").replaceChildren(...found.groups.map(card));
  at("groups").removeAttribute("aria-busy");
  at("no-groups").hidden = found.groups.length > 0;
  at("by-words").hidden = found.by_meaning;
  at("left-out").hidden = found.left_out === 0;
  at("left-out").textContent = fill(words.left_out, { count: number(found.left_out) });
  const reach = (new Date(found.until) - new Date(found.since)) / 86400000;
  const said = [found.groups.length && fill(words.summary, { total: number(found.total), groups: number(found.groups.length + found.left_out) }), reach < Number(at("period").value) - 1 && fill(words.since, { day: found.since.slice(0, 10) })];
  at("summary").textContent = said.filter(Boolean).join(" · ");
  at("ignored").replaceChildren(...found.ignored.map(ignoredLine));
  at("ignored-count").textContent = number(found.ignored.length);
  at("no-ignored").hidden = found.ignored.length > 0;
}

async function show() {
  const mine = ++turn;
  const found = await call("GET", `${base}/asked?days=${at("period").value}`);
  if (mine !== turn) return; // another period was chosen meanwhile
  say(at("problem"), "");
  showGroups(found);
  showProposed(found.proposed, show);
  showDrafts(found.drafts, show);
}

at("period").addEventListener("change", () => show().catch(tell));
try {
  await whoAmI();
  await show();
} catch (error) {
  tell(error);
}
