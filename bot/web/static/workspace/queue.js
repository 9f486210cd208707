// The left column: all my shops' conversations, who must be answered first on top.
import { avatar, byId, dress, el } from "./dom.js";
import { clockTime, dayName, shopName, span, t } from "./i18n.js";
import { everySecond, now } from "./clock.js";
import { readAhead } from "./opening.js";
import { counts, FILTERS, inOrder, urgency, waitingByShop } from "./ordering.js";
import { changed, keyOf, on, state } from "./store.js";
import { VirtualList } from "./virtual_list.js";

const ROW = 76;
const chosen = { filter: "all", shops: new Set(), text: "" };
let list;

const part = (row, name) => row.querySelector(`.${name}`);

function makeRow() {
  return el(
    "div",
    { class: "row of-shop", role: "option" },
    el("span", { class: "avatar", "aria-hidden": "true" }),
    el("span", { class: "who" }),
    el("span", { class: "shop-label" }),
    el("span", { class: "wait" }),
    el("span", { class: "last" }),
    el("span", { class: "held-by" }),
    el("span", { class: "unread" }),
  );
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function lastLine(conversation) {
  const text = conversation.last?.text || (conversation.last ? t("image_word") : "");
  const by = { agent: conversation.assignee === state.me?.id ? t("me_prefix") : t("agent_prefix"), auto: t("auto_prefix") }[conversation.last?.author];
  return by ? `${by}${text}` : text;
}

function fillRow(row, conversation) {
  const shop = state.shops.get(conversation.shop);
  dress(row, shop);
  put(part(row, "avatar"), shop.avatar);
  put(part(row, "who"), conversation.buyer.name || t("a_buyer"));
  put(part(row, "shop-label"), shopName(shop));
  put(part(row, "last"), lastLine(conversation));
  put(part(row, "unread"), conversation.unread ? String(Math.min(99, conversation.unread)) : "");
  part(row, "unread").setAttribute("aria-label", conversation.unread ? t("unread_count", { count: conversation.unread }) : "");
  const mine = conversation.assignee === state.me.id;
  const holder = mine ? t("mine_mark") : conversation.assignee_name || (conversation.state === "open" && !conversation.handed_at ? t("nobody") : "");
  put(part(row, "held-by"), [conversation.handed_at && t(conversation.urgent ? "handed_urgent" : "handed_mark"), holder].filter(Boolean).join(" · "));
  row.classList.toggle("handed", Boolean(conversation.handed_at));
  row.classList.toggle("mine", mine);
  row.classList.toggle("hers", Boolean(conversation.assignee) && !mine);
  fillWait(row, conversation);
}

function whenOf(iso) {
  if (!iso) return "";
  const at = new Date(iso);
  return now() - at < 20 * 3600_000 ? clockTime(at) : dayName(at);
}

function fillWait(row, conversation) {
  const { level, left } = urgency(conversation, now());
  const wait = part(row, "wait");
  wait.dataset.level = level;
  if (conversation.state === "snoozed") put(wait, t("until_time", { time: whenOf(conversation.snoozed_until) }));
  else if (!level && conversation.waiting_since) put(wait, t("sending"));
  else if (!level) put(wait, whenOf(conversation.last?.at));
  else if (left === Infinity) put(wait, t("waits"));
  else put(wait, left > 0 ? span(left) : `+${span(-left)}`);
}

function drawFilters() {
  const numbers = counts(chosen.shops);
  for (const button of byId("filters").children) {
    button.setAttribute("aria-pressed", String(button.dataset.filter === chosen.filter));
    button.querySelector(".count").textContent = numbers[button.dataset.filter] || "";
  }
}

function drawShops() {
  const box = byId("shop-filter");
  box.hidden = state.shops.size < 2;
  const waiting = waitingByShop();
  const made = new Map([...box.children].map((button) => [button.dataset.shop, button]));
  for (const shop of state.shops.values()) {
    const known = made.get(shop.id);
    const button = known?.dataset.look === lookOf(shop) ? known : shopButton(shop);
    if (known && known !== button) known.replaceWith(button);
    made.delete(shop.id);
    button.setAttribute("aria-pressed", String(chosen.shops.has(shop.id)));
    button.querySelector(".count").textContent = waiting.get(shop.id) ?? "";
    if (!button.parentNode) box.append(button);
  }
  for (const old of made.values()) old.remove();
}

const lookOf = (shop) => [shopName(shop), shop.avatar, shop.colour].join(" ");

function shopButton(shop) {
  const onclick = () => {
    if (!chosen.shops.delete(shop.id)) chosen.shops.add(shop.id);
    draw();
  };
  const button = el("button", { type: "button", title: shopName(shop), "data-look": lookOf(shop), onclick }, avatar(shop));
  button.append(el("span", { class: "name" }, shopName(shop)), el("span", { class: "count" }));
  return dress(button, shop);
}

function draw() {
  if (!state.me) return;
  const items = inOrder(chosen.filter, chosen.shops, chosen.text);
  drawFilters();
  drawShops();
  list.show(items);
  byId("queue-empty").hidden = items.length > 0;
  byId("queue-empty").textContent = chosen.text ? t("no_match") : t(`empty_${chosen.filter}`);
}

export function narrow(text) {
  chosen.text = text;
  draw();
}

/** Open the row above or below the open one. */
export function step(by) {
  return list.beside(by);
}

export function focusQueue() {
  byId("queue-list").focus();
}

export function startQueue(open) {
  list = new VirtualList(byId("queue-list"), {
    rowHeight: ROW, keyOf: (item) => keyOf(item.shop, item.id), make: makeRow, fill: fillRow, pick: (item) => open(item.shop, item.id),
  });
  for (const filter of FILTERS) {
    const onclick = () => {
      chosen.filter = filter;
      draw();
    };
    byId("filters").append(el("button", { type: "button", "data-filter": filter, onclick }, t(`filter_${filter}`), el("span", { class: "count" })));
  }
  on("queue", draw);
  on("outgoing", draw); // what is being answered is due no more
  on("open", (key) => list.select(key));
  on("thread", () => readAhead([list.beside(1), list.beside(-1)]));
  byId("queue-list").addEventListener("pointerover", (event) => {
    const under = state.conversations.get(event.target.closest?.("[data-key]")?.dataset.key);
    if (under) readAhead([under]);
  });
  on("shop-lost", (shop) => {
    chosen.shops.delete(shop);
    draw(); // at once, not with the next frame: a hidden page has none
  });
  everySecond(() => {
    for (const [key, row] of list.rows) if (state.conversations.has(key)) fillWait(row, state.conversations.get(key));
  });
  changed("queue");
}
