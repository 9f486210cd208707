// The list of the shop's entries, and the way between it and the editor: #new (&q=phrasing&group=&intent=), #e=an entry, or the list.
import { call, fill, make, Refused, say, whoAmI, words } from "../accounts/requests.js";
import { copies } from "./copying.js";
import { close, edit, isDirty, open } from "./editor.js";
import { ask, at, base, later, number, percent, tell } from "./pieces.js";
import { tries } from "./trial.js";

const PAGE = 50;
const CONDITIONS = { ending: "ending", ended: "ending", edited: "draft", review: "draft", unused: "use", unsure: "use" };
const SOON = 14 * 86400000;
let start = 0;
let turn = 0;
let listed = [];
let place = "";
const picked = new Set();

function endingOf(entry) {
  if (!entry.validity.until || entry.status === "archived") return null;
  const left = new Date(entry.validity.until) - Date.now();
  return left <= 0 ? "ended" : left <= SOON ? "ending" : null;
}

function showPicked() {
  at("picked").hidden = picked.size === 0;
  at("picked-count").textContent = fill(words.picked, { count: number(picked.size) });
  at("pick-all").checked = listed.length > 0 && picked.size === listed.length;
  at("pick-all").indeterminate = picked.size > 0 && picked.size < listed.length;
}

function fared({ used, first, confidence }) {
  const told = fill(words.use, { used: number(used), first: number(first) });
  return confidence === null ? told : told + fill(words.use_sure, { share: percent(confidence) });
}

function row(entry, draft, use) {
  const box = make("input", { type: "checkbox", "aria-label": `${words.pick} ${entry.question}`, onchange: () => {
    if (box.checked) picked.add(entry.id);
    else picked.delete(entry.id);
    showPicked();
  } });
  const ending = endingOf(entry);
  const kind = { published: " good", draft: " warn" }[entry.status] ?? "";
  const reply = entry.reply || Object.values(entry.cases)[0] || "";
  return make("tr", {}, make("td", {}, box),
    make("td", {}, make("a", { href: `#e=${encodeURIComponent(entry.id)}` }, entry.question || entry.id), " ",
      entry.phrasings.length > 0 && make("span", { class: "soft small" }, fill(words.more_phrasings, { count: number(entry.phrasings.length) })),
      make("span", { class: "said" }, reply), use && make("span", { class: "soft small" }, fared(use))),
    make("td", {}, words[`group_${entry.group}`]), make("td", { class: "mono" }, entry.short_code),
    make("td", {}, make("span", { class: `chip${kind}` }, words[entry.status]), " ",
      draft && make("span", { class: "chip warn" }, words[draft]), " ", ending && make("span", { class: "chip bad" }, words[ending])));
}

function show(found) {
  listed = found.entries;
  picked.clear();
  at("rows").replaceChildren(...listed.map((entry) => row(entry, found.drafts[entry.id], found.uses[entry.id])));
  at("rows").removeAttribute("aria-busy");
  at("none").hidden = listed.length > 0;
  at("shown").textContent = found.total ? fill(words.shown, { first: number(start + 1), last: number(start + listed.length), total: number(found.total) }) : "";
  at("before").disabled = start === 0;
  at("after").disabled = start + listed.length >= found.total;
  for (const option of at("state-filter").options) {
    const count = found.counts[option.value];
    if (option.value) option.textContent = count === undefined ? words[option.value] : `${words[option.value]} ${number(count)}`;
  }
  showPicked();
}

async function list() {
  const mine = ++turn;
  const state = at("state-filter").value;
  const query = new URLSearchParams({ q: at("search").value.trim(), group: at("group-filter").value, start, limit: PAGE });
  query.set(CONDITIONS[state] ?? "status", state);
  try {
    const found = await call("GET", `${base}/entry-search?${query}`);
    if (mine !== turn) return; // something else was looked for meanwhile
    say(at("problem"), "");
    show(found);
  } catch (error) {
    tell(error);
  }
}

function anew() {
  start = 0;
  return list();
}

// One after the other, each at the version that was read: what somebody else changed meanwhile stays as he left it.
async function settle(status) {
  const chosen = listed.filter((entry) => picked.has(entry.id) && entry.status !== status);
  const buttons = ["publish-picked", "archive-picked"].map(at);
  const refused = [];
  for (const button of buttons) button.disabled = true;
  for (const [done, { version, ...document }] of chosen.entries()) {
    at("picked-count").textContent = fill(words.working, { done: number(done), count: number(chosen.length) });
    try {
      await call("PUT", `${base}/entries/${encodeURIComponent(document.id)}`, { ...document, status }, { "If-Match": String(version) });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused.push(`${document.question || document.id}: ${Object.values(error.fields)[0] ?? error.message}`);
    }
  }
  for (const button of buttons) button.disabled = false;
  await list();
  say(at("done"), fill(words.settled, { count: number(chosen.length - refused.length) }), "good");
  if (refused.length) say(at("problem"), fill(words.some_failed, { failed: number(refused.length), reasons: refused.join("; ") }), "bad");
}

async function go() {
  const target = location.hash.slice(1);
  if (target === place) return;
  if (isDirty()) {
    history.replaceState(null, "", `#${place}`);
    if (!(await ask(words.leave_sure, words.leave_text, words.leave, words.stay))) return;
    history.replaceState(null, "", `#${target}`);
  }
  const asked = /^e=(.+)$/.exec(target);
  const begun = /^new(?:&(.*))?$/.exec(target);
  const edits = asked !== null || begun !== null;
  say(at("problem"), "");
  if (edits) say(at("done"), "");
  place = target;
  try {
    if (edits) await open(asked ? decodeURIComponent(asked[1]) : null, new URLSearchParams(begun?.[1] ?? ""));
    else {
      close();
      await list();
    }
    at("list-view").hidden = edits;
    at("edit-view").hidden = !edits;
    if (edits) at("f-question").focus();
  } catch (error) {
    place = "";
    history.replaceState(null, "", "#");
    close();
    tell(error);
  }
}

at("search").addEventListener("input", later(anew, 200));
for (const id of ["group-filter", "state-filter"]) at(id).addEventListener("change", anew);
at("before").addEventListener("click", () => { start = Math.max(0, start - PAGE); list(); });
at("after").addEventListener("click", () => { start += PAGE; list(); });
at("pick-all").addEventListener("change", () => {
  for (const box of at("rows").querySelectorAll("input")) box.checked = at("pick-all").checked;
  picked.clear();
  if (at("pick-all").checked) for (const entry of listed) picked.add(entry.id);
  showPicked();
});
at("publish-picked").addEventListener("click", () => settle("published"));
at("archive-picked").addEventListener("click", () => settle("archived"));
addEventListener("hashchange", go);
tries(edit);
copies(() => [...picked]);
try {
  await whoAmI();
  if (location.hash.length > 1) await go();
  else await list();
} catch (error) {
  tell(error);
}
