// Whom to hand the conversation to, and until when to put it aside. Loaded when somebody first asks for it.
import { act } from "../actions.js";
import { get, ofConversation } from "../api.js";
import { byId, el } from "../dom.js";
import { moment, t } from "../i18n.js";
import { may, openConversation, state, threadOf } from "../store.js";

const MINUTE = 60_000;

function hand(to, said) {
  byId("hand").close();
  return act("hand-over", { to }, said);
}

function colleagueButton(colleague) {
  const onclick = () => hand(colleague.id, t("handed_to", { name: colleague.name }));
  return el("li", {}, el("button", { type: "button", class: "colleague", onclick }, el("i", { class: `dot ${colleague.presence}`, "aria-hidden": "true" }), colleague.name, el("span", { class: "soft" }, t(`presence_${colleague.presence}`))));
}

const PRESENCE = ["online", "pause", "away"];

export async function handOver() {
  const key = state.open;
  const thread = threadOf(key);
  if (!thread || !may(key.split("/")[0], "answer")) return;
  const show = (colleagues) => {
    const others = colleagues.filter((colleague) => colleague.id !== state.me.id);
    others.sort((a, b) => PRESENCE.indexOf(a.presence) - PRESENCE.indexOf(b.presence));
    const rows = others.length ? others.map(colleagueButton) : [el("li", { class: "soft none" }, t("no_colleagues"))];
    const buttons = () => [...byId("colleagues").querySelectorAll("button")];
    const at = buttons().indexOf(document.activeElement); // or the keyboard would be nowhere
    byId("colleagues").replaceChildren(...rows, el("li", {}, el("button", { type: "button", onclick: () => hand("", t("back_in_queue")) }, t("put_back"))));
    buttons()[at]?.focus();
  };
  show(thread.colleagues ?? []);
  byId("hand").showModal();
  const [shop, conversation] = key.split("/");
  const fresh = await get(ofConversation(shop, conversation)).catch(() => null); // who is there changes by the minute
  if (fresh && state.open === key && byId("hand").open) show(fresh.colleagues);
}

function tomorrow(hour) {
  const at = new Date();
  at.setDate(at.getDate() + 1);
  at.setHours(hour, 0, 0, 0);
  return at;
}

function local(at) {
  return new Date(at - at.getTimezoneOffset() * MINUTE).toISOString().slice(0, 16);
}

export function putAside() {
  const conversation = openConversation();
  if (!conversation || conversation.state !== "open" || !may(conversation.shop, "answer")) return;
  const choices = [["aside_10", new Date(Date.now() + 10 * MINUTE)], ["aside_30", new Date(Date.now() + 30 * MINUTE)], ["aside_120", new Date(Date.now() + 120 * MINUTE)], ["aside_tomorrow", tomorrow(9)]];
  byId("aside-choices").replaceChildren(...choices.map(([name, until]) => el("li", {}, el("button", { type: "button", onclick: () => asideUntil(until) }, t(name), el("span", { class: "soft" }, moment(until))))));
  byId("aside-until").min = local(new Date());
  byId("aside-until").value = local(new Date(Date.now() + 60 * MINUTE));
  byId("aside").showModal();
}

async function asideUntil(until) {
  byId("aside").close();
  await act("aside", { until: until.toISOString() }, t("put_aside_until", { time: moment(until) }));
}

/** 1 chooses the first line of a list that was opened by keyboard, 2 the second. */
function chooseByDigit(event) {
  const line = /^[1-9]$/.test(event.key) && event.target.id !== "aside-until" && event.currentTarget.querySelectorAll(".plain button")[event.key - 1];
  if (!line) return;
  event.preventDefault();
  line.click();
}

for (const id of ["hand", "aside"]) {
  byId(id).addEventListener("keydown", chooseByDigit);
  byId(`${id}-cancel`).addEventListener("click", () => byId(id).close());
}
byId("aside-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const until = new Date(byId("aside-until").value);
  if (!Number.isNaN(until.getTime())) asideUntil(until);
});
