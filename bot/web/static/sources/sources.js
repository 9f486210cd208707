// The sources of a shop's facts, and how each does.
import { call, fill, make, moment, say, whoAmI, words } from "../accounts/requests.js";
import { ask } from "../shared/asking.js";
import { at, base as shopBase, number, settle, shop, tell } from "../shared/shop_page.js";
import { openForm } from "./form.js";

const LOOK = 5000;
const base = `${shopBase}/sources`;
let shown = "";

const one = (source) => `${base}/${encodeURIComponent(source.id)}`;

function length(minutes) {
  if (minutes % 1440 === 0) return fill(words.days, { count: minutes / 1440 });
  if (minutes % 60 === 0) return fill(words.hours, { count: minutes / 60 });
  return fill(words.minutes, { count: minutes });
}

function standing(source) {
  if (!source.enabled) return ["off", ""];
  if (source.state.error) return ["bad", "bad"];
  if (source.silent) return ["silent", "warn"];
  return source.state.succeeded_at ? ["good", "good"] : ["waiting", ""];
}

const fact = (name, value) => make("div", {}, make("dt", {}, name), make("dd", {}, value));

function notices(source) {
  const { state } = source;
  const found = [];
  if (source.enabled && state.error) {
    const retries = state.failures > 1 ? ` ${fill(words.retries, { count: number(state.failures) })}` : "";
    found.push(make("p", { class: "notice bad" }, state.error + retries));
  }
  if (source.silent) found.push(make("p", { class: "notice warn" }, words.silent_help));
  if (state.refused) found.push(make("p", { class: "notice warn" }, fill(words.refused, { count: number(state.refused), reason: state.warning })));
  return found;
}

function place(source) {
  const time = length(source.every_minutes);
  if (source.kind === "http") return `${source.url} · ${fill(words.every, { time })}`;
  return `inbox/${shop}/${source.folder ? `${source.folder}/` : ""}${source.pattern} · ${fill(words.expected, { time })}`;
}

const document_of = ({ id, state, silent, made_at, ...rest }) => rest;
const switched = (source) => settle(() => call("PUT", one(source), { ...document_of(source), enabled: !source.enabled }), words.saved, show);

async function remove(source) {
  if (await ask({ name: source.name })) await settle(() => call("DELETE", one(source)), words.deleted, show);
}

function card(source) {
  const [name, kind] = standing(source);
  const { state } = source;
  const when = (text) => (text ? moment(text) : words.never);
  const button = (text, work, kind = "") => make("button", { type: "button", class: `small ${kind}`.trim(), onclick: work }, text);
  return make("li", { class: `card source${source.enabled ? "" : " off"}`, "data-source": source.id },
    make("div", { class: "line" },
      make("h2", {}, source.name), make("span", { class: `chip ${kind}`.trim() }, words[name]),
      make("span", { class: "chip" }, words[`kind_${source.kind}`]), make("span", { class: "chip" }, words[`table_${source.table}`])),
    make("p", { class: "soft mono place" }, place(source)),
    make("dl", {}, fact(words.succeeded, when(state.succeeded_at)), fact(words.tried, when(state.tried_at)),
      state.succeeded_at ? fact("", fill(words.rows, { rows: number(state.rows) })) : null),
    ...notices(source),
    make("div", { class: "buttons" },
      source.enabled ? button(words.run, () => settle(() => call("POST", `${one(source)}/run`), words.asked, show)) : null,
      button(words.edit, () => edit(source.kind, source)),
      button(source.enabled ? words.switch_off : words.switch_on, () => switched(source)),
      button(words.delete, () => remove(source), "danger")));
}

// The list is only made anew when something is different: whoever reads or tabs through it keeps his place.
async function show() {
  try {
    const found = (await call("GET", base)).sources;
    const text = JSON.stringify(found);
    if (text === shown) return;
    shown = text;
    const focused = document.activeElement?.closest?.("[data-source]")?.dataset.source;
    const index = focused ? [...document.activeElement.parentElement.children].indexOf(document.activeElement) : -1;
    at("sources").replaceChildren(...found.map(card));
    at("sources").removeAttribute("aria-busy");
    at("none").hidden = found.length > 0;
    if (focused) at("sources").querySelector(`[data-source="${CSS.escape(focused)}"] .buttons`)?.children[index]?.focus();
  } catch (error) {
    tell(error);
  }
}

function edit(kind, source) {
  openForm(kind, source, async () => {
    say(at("problem"), "");
    say(at("done"), words.show_waiting, "good");
    await show();
  });
}

async function follow() {
  if (!document.hidden) await show();
  setTimeout(follow, LOOK);
}

at("add-folder").addEventListener("click", () => edit("folder"));
at("add-http").addEventListener("click", () => edit("http"));
try {
  await whoAmI();
  await follow();
} catch (error) {
  tell(error);
}
