// The middle column: who speaks with whom, and what was said.
import { everySecond, now } from "./clock.js";
import { byId, dress, el } from "./dom.js";
import { bubble, pendingBubble } from "./bubbles.js";
import { clockTime, dayName, shopName, span, t } from "./i18n.js";
import { loadEarlier } from "./opening.js";
import { urgency } from "./ordering.js";
import { outgoingOf } from "./sending.js";
import { changed, may, on, openConversation, state, tell, threadOf } from "./store.js";

const NEAR = 80;
const PAUSE = 5 * 60_000;
let isPinned = true; // to the end: new bubbles and loaded images keep it there
let drawn = null; // {key, nodes: Map(number -> node)}

const box = () => byId("messages");
const isAtEnd = () => box().scrollHeight - box().scrollTop - box().clientHeight < NEAR;
const toEnd = () => {
  isPinned = true;
  box().scrollTop = box().scrollHeight;
};

const act = {
  quote: (message) => tell("quote", message),
  keep: async (message) => {
    const [shop, conversation] = state.open.split("/");
    (await import("./later/keeping.js")).keep(shop, conversation, message);
  },
  copy: async (message) => {
    tell("copied", { text: message.text, shop: state.open.split("/")[0] });
    await navigator.clipboard?.writeText(message.text);
    tell("say", t("copied"));
  },
};

function separator(before, message) {
  const at = new Date(message.at);
  const last = before && new Date(before.at);
  if (last && at - last < PAUSE) return null;
  const label = !last || last.toDateString() !== at.toDateString() ? `${dayName(at)} · ${clockTime(at)}` : clockTime(at);
  return el("p", { class: "day" }, label);
}

function nodesOf(thread, shop, messages, before) {
  const out = [];
  for (const message of messages) {
    const line = separator(before, message);
    if (line) out.push(line);
    const node = bubble(thread, shop, message, act);
    drawn.nodes.set(message.number, node);
    out.push(node);
    before = message;
  }
  return out;
}

function drawMessages() {
  const key = state.open;
  const thread = threadOf(key);
  const list = byId("bubbles");
  if (!thread) return list.replaceChildren();
  const [shop] = key.split("/");
  const known = drawn?.key === key ? drawn.nodes : null;
  const fresh = known && thread.messages.filter((message) => !known.has(message.number));
  const lastKnown = known ? Math.max(0, ...known.keys()) : 0;
  const stay = known && !isPinned;
  if (known && fresh.every((message) => message.number > lastKnown)) {
    list.append(...nodesOf(thread, shop, fresh, thread.messages.find((message) => message.number === lastKnown)));
  } else {
    const from = box().scrollHeight - box().scrollTop;
    drawn = { key, nodes: new Map() };
    list.replaceChildren(...nodesOf(thread, shop, thread.messages));
    if (stay) box().scrollTop = box().scrollHeight - from;
  }
  byId("earlier").hidden = (thread.messages[0]?.number ?? 1) <= 1;
  if (!stay) toEnd();
  byId("to-end").hidden = !stay || !fresh?.length;
}

function drawPending() {
  byId("pending").replaceChildren(...(state.open ? outgoingOf(state.open).map(pendingBubble) : []));
  if (isPinned) toEnd();
}

function drawTyping() {
  const who = [...(state.typing.get(state.open) ?? [])].filter(([, until]) => until > Date.now()).map(([name]) => name);
  const line = byId("typing");
  const text = who.map((name) => (name === "buyer" ? t("buyer_types") : t("colleague_types", { name }))).join(" ");
  if (line.textContent !== text) line.textContent = text;
}

function drawWait() {
  const conversation = openConversation();
  if (!conversation) return;
  const { level, left } = urgency(conversation, now());
  const wait = byId("thread-wait");
  wait.dataset.level = level;
  wait.hidden = !level;
  wait.textContent = left === Infinity ? t("waits") : left > 0 ? t("left", { time: span(left) }) : t("late_by", { time: span(-left) });
}

function drawHeader() {
  const conversation = openConversation();
  const shop = conversation && state.shops.get(conversation.shop);
  byId("thread").classList.toggle("nothing", !shop);
  byId("thread-head").hidden = !shop;
  byId("no-thread").hidden = Boolean(shop);
  dress(byId("thread"), shop);
  byId("thread-avatar").textContent = shop?.avatar ?? "";
  byId("thread-shop").textContent = shop ? shopName(shop) : "";
  byId("thread-buyer").textContent = shop ? conversation.buyer.name || t("a_buyer") : "";
  if (!shop) return;
  const mine = conversation.assignee === state.me.id;
  const holder = mine ? t("held_by_me") : conversation.assignee ? t("held_by", { name: conversation.assignee_name || t("colleague") }) : t("nobody_holds");
  byId("thread-holder").textContent = { snoozed: t("is_aside"), closed: t("is_closed") }[conversation.state] ?? holder;
  byId("thread-holder").className = `chip ${mine ? "good" : conversation.assignee ? "warn" : ""}`;
  const open = conversation.state !== "closed";
  const able = may(shop.id, "answer");
  byId("act-take").hidden = !able || !open || mine || Boolean(conversation.assignee && !may(shop.id, "assign"));
  byId("act-hand").hidden = !able || !open;
  byId("act-aside").hidden = !able || conversation.state !== "open";
  byId("act-close").hidden = !able || !open;
  byId("act-reopen").hidden = !able || conversation.state === "open";
  drawWait();
}

/** Arrows walk through the bubbles; Q quotes the one that is reached, C copies it. */
function onKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const bubbles = [...byId("bubbles").querySelectorAll(".bubble")];
  const here = bubbles.indexOf(document.activeElement);
  const message = threadOf(state.open)?.messages.find((each) => String(each.number) === document.activeElement.dataset.number);
  if (event.key === "ArrowUp") (bubbles[here < 0 ? bubbles.length - 1 : here - 1] ?? bubbles[0])?.focus();
  else if (event.key === "ArrowDown" && here >= 0) (bubbles[here + 1] ?? box()).focus();
  else if (event.key.toLowerCase() === "q" && message) act.quote(message);
  else if (event.key.toLowerCase() === "c" && message) act.copy(message);
  else if (event.key.toLowerCase() === "e" && message?.author === "agent") act.keep(message);
  else return;
  event.preventDefault();
}

export function takeDelivery({ shop, conversation, delivery }) {
  const thread = threadOf(`${shop}/${conversation}`);
  const message = thread?.messages.find((each) => each.number === delivery.number);
  if (!message) return;
  message.delivery = delivery;
  const known = drawn?.key === `${shop}/${conversation}` && drawn.nodes.get(message.number);
  if (!known) return;
  const node = bubble(thread, shop, message, act);
  drawn.nodes.set(message.number, node);
  known.replaceWith(node);
}

export const settle = () => isPinned && toEnd();

export function showMessage(number) {
  const node = drawn?.nodes.get(number);
  node?.scrollIntoView({ block: "center" });
  node?.focus();
}

export function startThread() {
  on("open", () => {
    drawn = null;
    box().classList.toggle("loading", Boolean(state.open && !threadOf(state.open)));
    drawHeader();
    drawMessages();
    drawPending();
    drawTyping();
    toEnd();
  });
  on("thread", () => {
    box().classList.remove("loading");
    drawHeader();
    drawMessages();
  });
  on("earlier", drawMessages);
  on("messages", drawMessages);
  on("header", drawHeader);
  on("outgoing", () => (drawPending(), drawWait()));
  on("typing", drawTyping);
  everySecond(() => (drawWait(), drawTyping()));
  box().addEventListener("scroll", () => {
    if (box().scrollTop < NEAR && drawn) loadEarlier();
    isPinned = isAtEnd();
    if (isPinned) byId("to-end").hidden = true;
  }, { passive: true });
  box().addEventListener("keydown", onKey);
  box().addEventListener("load", () => isPinned && toEnd(), true);
  byId("earlier").addEventListener("click", loadEarlier);
  byId("to-end").addEventListener("click", toEnd);
  changed("header");
}
