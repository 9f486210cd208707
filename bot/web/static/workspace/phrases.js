// Quick phrases: a slash opens them (、 and ／ too, for input methods write these), a few keys find one, Enter inserts it.
import { get, path, put, remove } from "./api.js";
import { insert, replaceAll } from "./composer.js";
import { byId, el, iconButton } from "./dom.js";
import { groupName, shopName, t } from "./i18n.js";
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
  replaceAll(phrase.text);
}

function row(phrase, place) {
  return el(
    "li",
    { role: "option", id: `phrase-${place}`, "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => choose(phrase) },
    el("span", { class: "code" }, phrase.short_code ? `/${phrase.short_code}` : ""),
    el("span", { class: "title" }, phrase.title || phrase.text.slice(0, 20), phrase.own && el("span", { class: "chip" }, t("own_phrase")), phrase.group && el("span", { class: "soft" }, groupName(phrase.group))),
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

function ownRow(shop, phrase) {
  const drop = async () => {
    await remove(path`/shops/${shop.id}/phrases/${phrase.id}`);
    await listOwn(shop);
  };
  return el("li", {}, el("span", { class: "code" }, `/${phrase.short_code}`), el("span", { class: "body", dir: "auto" }, phrase.text), iconButton("close", t("delete_phrase"), () => drop().catch((error) => tell("problem", error)), "icon quiet small"));
}

async function listOwn(shop) {
  const { phrases: own } = await get(path`/shops/${shop.id}/phrases/own`);
  if (!state.shops.has(shop.id)) return;
  byId("own-phrases").replaceChildren(...(own.length ? own.map((phrase) => ownRow(shop, phrase)) : [el("li", { class: "soft none" }, t("no_own_phrases"))]));
}

async function keep(event) {
  event.preventDefault();
  const shop = state.shops.get(byId("keep").dataset.shop);
  const body = { short_code: byId("keep-code").value.trim(), text: byId("keep-text").value.trim(), group: "" };
  byId("keep-wrong").textContent = "";
  if (!shop || !body.text) return;
  try {
    const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    await put(path`/shops/${shop.id}/phrases/${id}`, body);
    byId("keep-code").value = byId("keep-text").value = "";
    await listOwn(shop);
    tell("say", t("phrase_kept"));
  } catch (error) {
    byId("keep-wrong").textContent = Object.values(error.fields ?? {})[0] ?? error.message;
  }
}

/** The agent's own phrases for this shop: what stands in the composer is offered to be kept. */
function manage() {
  const shop = state.shops.get(state.open?.split("/")[0]);
  if (!shop) return;
  const dialog = byId("keep");
  dialog.dataset.shop = shop.id;
  byId("keep-title").textContent = t("own_phrases_of", { shop: shopName(shop) });
  byId("keep-text").value = OPENERS.test(field.value) ? "" : field.value;
  byId("keep-wrong").textContent = "";
  byId("own-phrases").replaceChildren();
  dialog.showModal();
  listOwn(shop).catch((error) => tell("problem", error));
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
  byId("keep-form").addEventListener("submit", keep);
  byId("keep-close").addEventListener("click", () => byId("keep").close());
  on("open", close);
  on("shop-lost", (shop) => {
    close();
    if (byId("keep").dataset.shop !== shop) return;
    byId("own-phrases").replaceChildren();
    byId("keep-form").reset();
    byId("keep-title").textContent = "";
    byId("keep").close();
  });
}
