// What software decided about each turn of the buyer, and what it tells a person who goes on. Loaded with the first of either.
import { act } from "../actions.js";
import { byId, el } from "../dom.js";
import { clockTime, factName, percent, t } from "../i18n.js";
import { may, openConversation } from "../store.js";

const FINE = new Set(["reply", "ask_back"]);
const SHOWN = 2; // of what was answered: the newest, the thread beneath has the rest

function reasons(names) {
  return names.map((name) => t(`why_${name}`)).join(t("and"));
}

function certainty({ confidence, threshold }) {
  if (confidence === null || confidence === undefined) return "";
  return threshold > confidence ? t("sure_below", { share: percent(confidence), needs: percent(threshold) }) : t("sure_by", { share: percent(confidence) });
}

function factLine(fact) {
  return el("li", {}, `${factName(fact.name)}：${fact.value}`, fact.stale && el("span", { class: "chip warn" }, t("stale")));
}

function decisionLine(decision) {
  const isFine = FINE.has(decision.deed);
  const why = isFine ? certainty(decision) : [reasons(decision.reasons), certainty(decision)].filter(Boolean).join(" · ");
  const head = el("summary", {}, el("b", {}, t(`deed_${decision.deed}`)), why && ` · ${why}`);
  const rows = decision.facts.map(factLine);
  for (const { entry, version, confidence } of decision.entries) rows.push(el("li", {}, el("span", { class: "mono" }, entry), ` ${t("version", { number: version })} · ${percent(confidence)}`));
  if (!rows.length) return el("p", { class: `decided ${decision.deed}` }, ...head.childNodes);
  return el("details", { class: `decided ${decision.deed}` }, head, el("ul", {}, ...rows));
}

/** One line a turn, beneath the bubble that it was about; of a turn that was decided anew, the last word. */
function drawLines(decisions) {
  const known = new Map(decisions.map((decision) => [decision.upto, decision]));
  const open = new Set([...document.querySelectorAll("#bubbles details.decided[open]")].map((node) => node.dataset.of));
  for (const old of document.querySelectorAll("#bubbles .decided")) old.remove();
  for (const [upto, decision] of known) {
    const under = document.querySelector(`#bubbles [data-number="${upto}"]`);
    if (!under) continue;
    const line = decisionLine(decision);
    line.dataset.of = decision.id;
    if (open.has(decision.id)) line.open = true;
    under.after(line);
  }
}

const saying = (thread, numbers) => thread.messages.filter((message) => numbers.includes(message.number)).map((message) => message.text || t("image_word"));

function piece(title, lines) {
  return lines.length ? [el("dt", {}, title), el("dd", {}, ...lines.map((line) => el("p", { dir: "auto" }, line)))] : [];
}

/** The facts in one line, each once: the thread beneath has the rest. */
function restsOn(facts) {
  const lines = new Set(facts.map((fact) => `${factName(fact.name)} ${fact.value}`));
  return lines.size ? [[...lines].join(" · ")] : [];
}

function handOverCard(thread, given, isUrgent) {
  return el(
    "details",
    { class: "handed", open: true },
    el("summary", {}, isUrgent && el("span", { class: "chip bad" }, t("urgent")), el("b", {}, t("handed_over")), ` · ${reasons(given.reasons)} · `, el("time", { datetime: given.at }, clockTime(new Date(given.at))), given.mood === "upset" && !given.reasons.includes("upset") && el("span", { class: "chip warn" }, t("mood_upset"))),
    el(
      "dl",
      {},
      ...piece(t("was_asked"), saying(thread, given.asked)),
      ...piece(t("was_answered"), saying(thread, given.answered).slice(-SHOWN)),
      ...piece(t("still_open"), [...given.open, given.note].filter(Boolean)),
      ...piece(t("rests_on"), restsOn(given.facts)),
    ),
  );
}

function giveBack(shop) {
  if (!may(shop, "answer")) return null;
  return el("button", { type: "button", class: "small", onclick: () => act("resume", {}, t("given_back")) }, t("give_back"));
}

function drawStrip(key, thread) {
  const conversation = openConversation();
  const [shop] = key.split("/");
  const strip = [];
  if (conversation?.handed_at && thread.hand_overs?.length) strip.push(handOverCard(thread, thread.hand_overs.at(-1), conversation.urgent));
  if (conversation?.state === "open") {
    if (conversation.handed_at || conversation.person_at) strip.push(el("p", {}, el("span", {}, t(conversation.person_at ? "machine_waits" : "machine_silent")), giveBack(shop)));
    else if (FINE.has(thread.decisions?.at(-1)?.deed)) strip.push(el("p", {}, el("span", {}, t("machine_speaks"))));
  }
  byId("machine").replaceChildren(...strip);
  byId("machine").hidden = !strip.length;
}

export function show(key, thread) {
  drawLines(thread.decisions ?? []);
  drawStrip(key, thread);
}
