// Beside the thread: what this shop could answer, how sure that is, and on which facts it rests.
import { path, post } from "./api.js";
import { picture } from "./bubbles.js";
import { insert, isEmpty, sendSuggestion, submit } from "./composer.js";
import { byId, dress, el, keys } from "./dom.js";
import { factName, intentName, moment, percent, shopName, t } from "./i18n.js";
import { changed, isAnswering, lastBuyerNumber, may, on, state, tell } from "./store.js";

const REASONS = ["wrong_answer", "wrong_facts", "wrong_tone", "other_reason"];
const refused = new Set();

const now = () => (isAnswering(state.open) ? null : state.suggestions.get(state.open));

/** The best one that was not refused: what one key sends. */
const leading = () => now()?.result.suggestions.find((each) => !refused.has(each.id));

function meter(confidence) {
  const level = confidence >= 0.8 ? "sure" : confidence >= 0.5 ? "unsure" : "doubtful";
  const bar = el("span", { class: `bar ${level}`, role: "img", "aria-label": `${t("confidence")} ${percent(confidence)}` }, el("i"));
  bar.firstChild.style.width = percent(confidence);
  return [bar, el("span", { class: "sureness", "aria-hidden": "true" }, percent(confidence))];
}

function factsOf(suggestion) {
  if (!suggestion.facts.length) return null;
  const stale = suggestion.facts.some((fact) => fact.stale);
  const details = el("details", { class: "facts", open: stale }, el("summary", {}, t("facts_count", { count: suggestion.facts.length }), stale && el("span", { class: "chip warn" }, t("stale"))));
  for (const fact of suggestion.facts) {
    details.append(
      el("p", {}, el("b", {}, factName(fact.name)), " ", el("span", {}, fact.value), fact.stale && el("span", { class: "chip warn" }, t("stale")), el("span", { class: "soft" }, t("as_of", { time: moment(new Date(fact.as_of)), source: fact.source }))),
    );
  }
  return details;
}

async function react(suggestion, body) {
  const key = state.open;
  const [shop, conversation] = key.split("/");
  for (const each of body.all ? now().result.suggestions : [suggestion]) refused.add(each.id);
  draw();
  try {
    await post(path`/shops/${shop}/conversations/${conversation}/suggestions/${suggestion.id}/reaction`, { kind: "refused", ...body });
    tell("say", t("noted"));
  } catch (error) {
    tell("problem", error);
  }
}

function refusal(suggestion) {
  const menu = el("details", { class: "refuse" }, el("summary", { class: "quiet small" }, t("not_helpful")));
  const box = el("div", { class: "reasons" }, ...REASONS.map((reason) => el("button", { type: "button", class: "small", onclick: () => react(suggestion, { reason: t(reason) }) }, t(reason))));
  if (now().result.suggestions.length > 1) box.append(el("button", { type: "button", class: "small", onclick: () => react(suggestion, { all: true, reason: t("none_fits") }) }, t("none_fits")));
  menu.append(box);
  return menu;
}

function card(suggestion, place) {
  const leads = suggestion === leading();
  const intent = suggestion.parts.map((part) => part.intent && intentName(part.intent)).filter(Boolean);
  const able = may(state.open.split("/")[0], "answer");
  const shop = now().result.shop;
  const entries = suggestion.parts.map((part) => el("button", { type: "button", class: "quiet small", title: t("entry"), onclick: async () => (await import("./later/entry.js")).showEntry(shop, part.entry) }, part.entry));
  return el(
    "article",
    { class: `suggestion${leads ? " first" : ""}${refused.has(suggestion.id) ? " refused" : ""}`, "aria-label": t("suggestion_number", { number: place + 1 }) },
    el("div", { class: "measure" }, el("kbd", {}, String(place + 1)), ...meter(suggestion.confidence), el("span", { class: "intent" }, [...new Set(intent)].join(" + "))),
    el("p", { class: "reply", dir: "auto" }, suggestion.text),
    suggestion.image && picture(shop, suggestion.image),
    factsOf(suggestion),
    able && el(
      "div",
      { class: "do" },
      el("button", { type: "button", class: "small", onclick: () => insert(suggestion.text, suggestion) }, t("insert"), ...keys(String(place + 1))),
      el("button", { type: "button", class: `small${leads ? " primary" : ""}`, onclick: () => sendSuggestion(suggestion) }, t("send_now"), ...(leads ? keys("Alt+↵") : [])),
      refusal(suggestion),
    ),
    el("p", { class: "from" }, ...entries),
  );
}

function reasonOfSilence(result, key) {
  if (result.reason === "acknowledgement") return t("only_acknowledged");
  if (result.reason === "everything is answered" || !state.conversations.get(key)?.waiting_since) return t("nothing_waits");
  return t("nothing_fits");
}

function drawStrip(suggestions) {
  byId("strip").replaceChildren(...suggestions.map((suggestion) => el("button", { type: "button", class: "small", onclick: () => insert(suggestion.text, suggestion) }, el("b", {}, percent(suggestion.confidence)), ` ${suggestion.text}`)));
}

function draw() {
  const held = now();
  const box = byId("suggestions");
  const shop = state.shops.get(state.open?.split("/")[0]);
  dress(byId("side"), shop);
  byId("side").classList.toggle("nothing", !shop);
  byId("suggestions-of").textContent = shop ? shopName(shop) : "";
  const stale = Boolean(held && held.result.suggestions.length && held.upto < lastBuyerNumber(state.open));
  byId("suggestions-stale").hidden = !stale;
  box.classList.toggle("outdated", stale);
  byId("classifier").hidden = !held || held.result.classifier === "ready";
  byId("classifier").textContent = held ? t(`classifier_${held.result.classifier}`) : "";
  if (!shop) box.replaceChildren();
  else if (!held) box.replaceChildren(el("p", { class: "note" }, state.conversations.get(state.open)?.waiting_since && !isAnswering(state.open) ? t("looking") : t("nothing_waits")));
  else if (!held.result.suggestions.length) box.replaceChildren(el("p", { class: "note" }, reasonOfSilence(held.result, state.open)));
  else box.replaceChildren(...held.result.suggestions.map(card));
  drawStrip(shop && held ? held.result.suggestions : []);
}

export function sendFirst() {
  const first = leading();
  if (first) sendSuggestion(first);
  return Boolean(first);
}

/** Send what is written, else the first suggestion: true once it is on its way. */
export const answer = async () => (isEmpty() ? leading() && sendSuggestion(leading()) : submit());

export function startSuggestions() {
  on("open", draw);
  on("suggestions", draw);
  on("messages", draw);
  on("thread", draw);
  on("outgoing", draw);
  on("conversation", ({ key, before, conversation }) => {
    if (!before?.waiting_since || conversation.waiting_since) return;
    state.suggestions.delete(key); // it was answered: what was suggested would answer it twice
    if (key === state.open) changed("suggestions");
  });
}

