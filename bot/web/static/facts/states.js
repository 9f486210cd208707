// How it stands with each kind of fact, how long each lives, and the change that can be undone.
import { call, fill, make, moment, say, words } from "../accounts/requests.js";
import { at, base as shopBase, number, tell } from "../shared/shop_page.js";
import { base, done, inUnits, span } from "./pieces.js";

const UNITS = { minutes: 60, hours: 3600, days: 86400 };
let states = [];

function tile(state, choose) {
  const name = words[`k_${state.kind}`];
  const mark = state.stale ? make("span", { class: "chip warn" }, fill(words.stale_count, { count: number(state.stale) })) : make("small", {}, state.total ? words.fresh : words.none_yet);
  const oldest = state.oldest ? fill(words.oldest, { time: moment(state.oldest) }) : "";
  const life = fill(words.lives, { time: span(state.lifetime) });
  return make("li", {}, make("button", { type: "button", class: state.stale ? "old" : null, "data-kind": state.kind, title: oldest, onclick: () => choose(state) }, make("span", {}, name), make("span", { class: "count" }, number(state.total)), mark, make("small", {}, life)));
}

export async function readStates(choose) {
  const found = await call("GET", base);
  states = found.kinds;
  at("kinds").replaceChildren(...states.map((state) => tile(state, choose)));
  at("kinds").removeAttribute("aria-busy");
  const last = found.last_change;
  at("undo-bar").hidden = !last;
  if (last) at("undo-lead").textContent = fill(words.undo_lead, { time: moment(last.at), table: words[last.table], count: number(last.count) });
  at("lifetimes").onclick = () => openLifetimes(choose);
}

function lifeField(state) {
  const { unit, count } = inUnits(state.lifetime);
  const name = words[`k_${state.kind}`];
  const amount = make("input", { type: "number", min: 1, max: 5000, required: true, "data-life": state.kind, "aria-label": name });
  amount.value = count;
  const units = make("select", { "aria-label": `${name}: ${words.lifetimes}` }, ...Object.keys(UNITS).map((each) => make("option", { value: each }, words[each])));
  units.value = unit;
  return make("div", { class: "life" }, make("span", {}, name, " ", make("small", {}, fill(words.usual, { time: span(state.usual) }))), amount, units);
}

function openLifetimes(choose) {
  const form = at("life-form");
  const notice = form.querySelector(".notice");
  say(notice, "");
  at("life-fields").replaceChildren(...states.map(lifeField));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const lifetimes = {};
    for (const state of states) {
      const amount = form.querySelector(`[data-life="${state.kind}"]`);
      const seconds = Number(amount.value) * UNITS[amount.nextElementSibling.value];
      if (seconds !== state.usual) lifetimes[state.kind] = seconds;
    }
    try {
      await call("PUT", `${shopBase}/fact-lifetimes`, { lifetimes });
      at("life-dialog").close();
      done(words.lifetime_saved);
      await readStates(choose);
    } catch (error) {
      tell(error, notice);
    }
  };
  at("life-dialog").showModal();
}
