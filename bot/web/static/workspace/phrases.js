// Quick phrases: a slash opens them (、 and ／ too, for input methods write these), a few keys find one, Enter inserts it.
import { get, path } from "./api.js";
import { insert, replaceAll } from "./composer.js";
import { byId, el } from "./dom.js";
import { groupName, t } from "./i18n.js";
import { on, state, tell } from "./store.js";

const OPENERS = /^[/、／]([^\n]{0,40})$/;
const PAUSE = 100;
const field = byId("text");
const list = byId("phrases");
let rows = [];
let at = 0;
let timer = 0;
let asking = null;
let closedFor = null;

const isOpen = () => !list.hidden;

function close() {
  clearTimeout(timer);
  asking?.abort();
  list.hidden = true;
  rows = [];
  list.replaceChildren();
  field.removeAttribute("aria-activedescendant");
}

function move(to) {
  if (!rows.length) return;
  at = (to + rows.length) % rows.length;
  [...list.querySelectorAll("[role=option]")].forEach((row, place) => row.setAttribute("aria-selected", String(place === at)));
  const row = list.querySelector(`#phrase-${at}`);
  row.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", row.id);
}

function choose(phrase) {
  close();
  replaceAll(phrase.text, phrase.own ? null : phrase);
}

function row(phrase, place) {
  return el(
    "li",
    { role: "option", id: `phrase-${place}`, "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => choose(phrase) },
    el("span", { class: "code" }, phrase.short_code ? `/${phrase.short_code}` : ""),
    el("span", { class: "title" }, phrase.title || phrase.text.slice(0, 20), phrase.own && el("span", { class: "chip" }, t("own_phrase")), phrase.image && el("span", { class: "chip" }, t("image_word")), phrase.group && el("span", { class: "soft" }, groupName(phrase.group))),
    el("span", { class: "body", dir: "auto" }, phrase.text),
  );
}

function show(phrases) {
  rows = phrases;
  list.replaceChildren(...(rows.length ? rows.map(row) : [el("li", { class: "soft none" }, t("no_phrase"))]));
  if (rows.length) list.setAttribute("role", "listbox");
  else list.removeAttribute("role");
  list.hidden = false;
  move(0);
}

async function ask(query) {
  asking?.abort();
  asking = new AbortController();
  const key = state.open;
  const [shop, conversation] = key.split("/");
  try {
    const answer = await get(`${path`/shops/${shop}/phrases`}?q=${encodeURIComponent(query)}&conversation=${encodeURIComponent(conversation)}`, { signal: asking.signal });
    if (state.open === key && state.shops.has(shop) && OPENERS.test(field.value)) show(answer.phrases);
  } catch (error) {
    if (error.name !== "AbortError") tell("problem", error);
  }
}

function look() {
  const found = OPENERS.exec(field.value);
  if (!found || field.value === closedFor) return close();
  closedFor = null;
  clearTimeout(timer);
  timer = setTimeout(() => ask(found[1].trim()), PAUSE);
}

/** Before the composer's own keys. */
function onKey(event) {
  if (!isOpen() || event.isComposing || event.keyCode === 229) return;
  if (event.key === "ArrowDown") move(at + 1);
  else if (event.key === "ArrowUp") move(at - 1);
  else if ((event.key === "Enter" || event.key === "Tab") && rows[at]) choose(rows[at]);
  else if (event.key === "Escape") {
    closedFor = field.value;
    close();
  } else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** The agent's own phrases for this shop: what stands in the composer is offered to be kept. */
async function manage() {
  const shop = state.shops.get(state.open?.split("/")[0]);
  if (shop) (await import("./later/own_phrases.js")).manage(shop, OPENERS.test(field.value) ? "" : field.value);
}

export function startPhrases() {
  field.addEventListener("input", (event) => event.isComposing || look());
  field.addEventListener("compositionend", look);
  field.addEventListener("keydown", onKey, true);
  field.addEventListener("blur", close);
  byId("open-phrases").addEventListener("mousedown", (event) => event.preventDefault());
  byId("open-phrases").addEventListener("click", () => {
    field.focus();
    if (isOpen()) return close();
    if (!field.value) insert("/");
    else tell("say", t("phrases_when_empty"));
  });
  byId("manage-phrases").addEventListener("click", manage);
  on("open", close);
  on("shop-lost", close);
}
