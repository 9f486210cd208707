// Who must be answered first, and which conversations a filter shows.
import { isAnswering, keyOf, state } from "./store.js";

export const FILTERS = ["mine", "waiting", "unassigned", "all", "aside"];

const time = (iso) => (iso ? Date.parse(iso) : Infinity);
const isWaiting = (conversation) => conversation.waiting_since !== null && conversation.state === "open" && !(state.outgoing.size && isAnswering(keyOf(conversation.shop, conversation.id)));

const CHOICES = {
  mine: (conversation) => conversation.state === "open" && conversation.assignee === state.me.id,
  waiting: isWaiting,
  unassigned: (conversation) => conversation.state === "open" && !conversation.assignee,
  all: (conversation) => conversation.state === "open",
  aside: (conversation) => conversation.state === "snoozed",
};

function compare(a, b) {
  const waits = Number(isWaiting(b)) - Number(isWaiting(a));
  if (waits) return waits;
  if (isWaiting(a)) return time(a.due_at) - time(b.due_at) || time(a.waiting_since) - time(b.waiting_since);
  if (a.state === "snoozed" && b.state === "snoozed") return time(a.snoozed_until) - time(b.snoozed_until);
  return time(b.last?.at) - time(a.last?.at);
}

export function inOrder(filter, shops, text = "") {
  const wanted = text.trim().toLowerCase();
  return [...state.conversations.values()]
    .filter((conversation) => CHOICES[filter](conversation))
    .filter((conversation) => shops.size === 0 || shops.has(conversation.shop))
    .filter((conversation) => !wanted || `${conversation.buyer.name}\n${conversation.last?.text ?? ""}`.toLowerCase().includes(wanted))
    .sort(compare);
}

export function counts(shops) {
  const out = Object.fromEntries(FILTERS.map((filter) => [filter, 0]));
  for (const conversation of state.conversations.values()) {
    if (shops.size && !shops.has(conversation.shop)) continue;
    for (const filter of FILTERS) if (CHOICES[filter](conversation)) out[filter] += 1;
  }
  return out;
}

export function waitingByShop() {
  const out = new Map();
  for (const conversation of state.conversations.values()) {
    if (isWaiting(conversation)) out.set(conversation.shop, (out.get(conversation.shop) ?? 0) + 1);
  }
  return out;
}

/** The conversation that must be answered next: mine or nobody's. */
export function mostUrgent(except) {
  const free = [...state.conversations.values()].filter(
    (conversation) => isWaiting(conversation) && (!conversation.assignee || conversation.assignee === state.me.id),
  );
  return free.sort(compare).find((conversation) => `${conversation.shop}/${conversation.id}` !== except) ?? null;
}

/** "late", "soon", "fine" or "" for who waits, with the seconds left. */
export function urgency(conversation, now) {
  if (!isWaiting(conversation)) return { level: "", left: 0 };
  if (!conversation.due_at) return { level: "fine", left: Infinity };
  const left = (Date.parse(conversation.due_at) - now) / 1000;
  if (left <= 0) return { level: "late", left };
  const alarm = conversation.alarm_at ? (Date.parse(conversation.alarm_at) - now) / 1000 : left - 30;
  return { level: alarm <= 0 ? "soon" : "fine", left };
}
