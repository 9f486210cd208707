// The test box: what would be suggested to a buyer's words, now and with the edit at hand, and why.
import { call, fill, make, Refused, say, words } from "../accounts/requests.js";
import { at, base, factName, intentNames, percent } from "./pieces.js";

const MOST_TURNS = 20;
let edit = () => null;
let history = [];

const turnOf = ({ role, text }) => make("li", { class: role }, make("p", { class: "bubble" }, text));

function goOn(text) {
  history = [...history, { role: "agent", text }].slice(-MOST_TURNS);
  at("talk").append(turnOf(history.at(-1)));
  at("trial-result").replaceChildren();
  at("trial-text").focus();
}

function answer(suggestion, id) {
  const isMine = suggestion.parts.some((part) => part.entry === id);
  const facts = suggestion.facts.map((fact) => `${factName(fact.name)} ${fact.value}${fact.stale ? `（${words.stale}）` : ""}`);
  return make("div", { class: `answer${isMine ? " mine" : ""}` }, make("p", {}, suggestion.text),
    make("footer", {}, fill(words.confidence, { share: percent(suggestion.confidence) }),
      ...suggestion.parts.map((part) => make("a", { href: `#e=${encodeURIComponent(part.entry)}` }, part.entry)),
      suggestion.automatic && make("span", { class: "chip good" }, words.automatic),
      facts.length > 0 && make("span", {}, facts.join(" · ")),
      make("button", { type: "button", class: "quiet small", onclick: () => goOn(suggestion.text) }, words.go_on)));
}

function standing(each, id) {
  return make("li", { class: each.entry === id ? "mine" : null }, make("span", { class: "share" }, percent(each.confidence)),
    make("span", {}, each.question, " ", each.word_for_word && make("span", { class: "chip" }, words.word_for_word),
      each.entry === id && make("span", { class: "chip good" }, words.this_entry)));
}

function trial(found, title, id) {
  const silence = found.reason === "acknowledgement" ? words.acknowledgement : words.nothing;
  return make("section", { class: "trial" }, make("h3", {}, title),
    found.classifier !== "ready" && make("p", { class: "soft small" }, words.down),
    make("div", {}, ...found.intents.map((each) => make("span", { class: "chip" }, `${intentNames[each.intent] ?? each.intent} ${percent(each.confidence)}`))),
    ...(found.suggestions.length ? found.suggestions.map((each) => answer(each, id)) : [make("p", { class: "empty" }, silence)]),
    make("p", { class: "soft small" }, found.threshold === null ? words.never : fill(words.threshold, { share: percent(found.threshold) })),
    found.standings.length > 0 && make("details", {}, make("summary", { class: "small" }, words.standings),
      make("ul", { class: "standings" }, ...found.standings.map((each) => standing(each, id)))));
}

async function ask(text, entry) {
  try {
    return await call("POST", `${base}/entries/try`, { text, history, entry });
  } catch (error) {
    if (!(error instanceof Refused) || !entry || error.status !== 422 || "text" in error.fields) throw error;
    say(at("trial-problem"), fill(words.edit_wrong, { reason: Object.values(error.fields)[0] ?? error.message }), "warn");
    return call("POST", `${base}/entries/try`, { text, history });
  }
}

async function run(event) {
  event.preventDefault();
  const text = at("trial-text").value.trim();
  if (!text) return;
  say(at("trial-problem"), "");
  const entry = edit();
  try {
    const found = await ask(text, entry);
    const shown = [trial(found, words.now, entry?.id)];
    if (found.with_edit) shown.unshift(trial(found.with_edit, words.with_edit, entry.id));
    else if (!entry) shown.push(make("p", { class: "soft small" }, words.no_edit));
    at("trial-result").replaceChildren(...shown);
    history = [...history, { role: "buyer", text }].slice(-MOST_TURNS);
    at("talk").append(turnOf(history.at(-1)));
    at("trial-text").value = "";
    at("restart").hidden = false;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(at("trial-problem"), Object.values(error.fields)[0] ?? error.message, "bad");
  }
}

// `read` gives the edit at hand, null when there is none.
export function tries(read) {
  edit = read;
}

at("trial-form").addEventListener("submit", run);
at("restart").addEventListener("click", () => {
  history = [];
  for (const id of ["talk", "trial-result"]) at(id).replaceChildren();
  at("restart").hidden = true;
  say(at("trial-problem"), "");
  at("trial-text").focus();
});
