// All that the page knows. Everything of a shop lies under that shop's id, and goes at once when the shop is lost.
const KEPT_THREADS = 80;

export const state = {
  me: null,
  shops: new Map(),
  conversations: new Map(), // key -> conversation, as the queue shows it
  threads: new Map(), // key -> messages, notes, cards
  suggestions: new Map(), // key -> {upto, result}
  drafts: new Map(), // key -> {text, since, quote, image, suggestion, stops}
  outgoing: new Map(), // send key -> message on its way
  typing: new Map(), // key -> Map(who -> until)
  feeds: {},
  open: null,
  connection: "connecting",
};

export const keyOf = (shop, conversation) => `${shop}/${conversation}`;

const listeners = new Map();
const waiting = new Set();
let isScheduled = false;

export function on(topic, act) {
  if (!listeners.has(topic)) listeners.set(topic, []);
  listeners.get(topic).push(act);
}

export function tell(topic, detail) {
  for (const act of listeners.get(topic) ?? []) act(detail);
}

function flush() {
  if (!isScheduled) return;
  isScheduled = false;
  const topics = [...waiting];
  waiting.clear();
  for (const topic of topics) tell(topic);
}

/** Say that something is to be drawn anew: once a frame, however often it is said. Hidden pages have no frames. */
export function changed(topic) {
  waiting.add(topic);
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(flush);
  setTimeout(flush, 120);
}

export const may = (shop, right) => state.shops.get(shop)?.rights.includes(right) ?? false;
export const openConversation = () => (state.open ? (state.conversations.get(state.open) ?? state.threads.get(state.open)?.conversation) : null);

export function takeMe(answer) {
  state.me = answer.account;
  const names = new Set(answer.shops.map((shop) => shop.id));
  for (const shop of [...state.shops.keys()]) if (!names.has(shop)) forgetShop(shop);
  state.shops = new Map(answer.shops.map((shop) => [shop.id, shop]));
  changed("queue");
}

/** Take a conversation's newer state; an older one that was overtaken on the way changes nothing. */
export function takeConversation(conversation) {
  if (!state.shops.has(conversation.shop)) return null;
  const key = keyOf(conversation.shop, conversation.id);
  const known = state.conversations.get(key) ?? state.threads.get(key)?.conversation;
  if (known && known.version > conversation.version) return known;
  if (conversation.state === "closed") state.conversations.delete(key);
  else state.conversations.set(key, conversation);
  const thread = state.threads.get(key);
  if (thread) thread.conversation = conversation;
  changed("queue");
  if (key === state.open) changed("header");
  tell("conversation", { key, before: known, conversation });
  return conversation;
}

export function takeQueue(conversations) {
  state.conversations.clear();
  for (const conversation of conversations) {
    if (state.shops.has(conversation.shop)) state.conversations.set(keyOf(conversation.shop, conversation.id), conversation);
  }
  changed("queue");
  changed("header");
}

export function threadOf(key) {
  return state.threads.get(key);
}

/** What came live while the answer was on its way stays. */
const joined = (known = [], fresh = []) => [...fresh, ...known.filter(({ id }) => !fresh.some((each) => each.id === id))].sort((a, b) => a.at.localeCompare(b.at));

export function takeThread(key, answer) {
  const before = state.threads.get(key);
  const messages = new Map((before?.messages ?? []).map((message) => [message.number, message]));
  const first = answer.messages[0]?.number ?? 1;
  // What lies between what is known and what came is missing: then only what came counts.
  if (before?.messages.length && before.messages.at(-1).number < first - 1) messages.clear();
  for (const message of answer.messages) messages.set(message.number, message);
  const thread = { ...answer, messages: [...messages.values()].sort((a, b) => a.number - b.number) };
  for (const list of ["decisions", "hand_overs"]) thread[list] = joined(before?.[list], answer[list]);
  state.threads.delete(key);
  state.threads.set(key, thread); // the newest last
  for (const old of state.threads.keys()) {
    if (state.threads.size <= KEPT_THREADS) break;
    if (old !== state.open) state.threads.delete(old);
  }
  return thread;
}

/** Add messages; false when some before them are missing. */
export function takeMessages(key, messages) {
  const thread = state.threads.get(key);
  if (!thread) return true;
  const known = new Map(thread.messages.map((message) => [message.number, message]));
  for (const message of messages) known.set(message.number, message);
  thread.messages = [...known.values()].sort((a, b) => a.number - b.number);
  const numbers = thread.messages.map((message) => message.number);
  return numbers.every((number, place) => place === 0 || number === numbers[place - 1] + 1);
}

export function lastBuyerNumber(key) {
  const messages = state.threads.get(key)?.messages ?? [];
  for (let place = messages.length - 1; place >= 0; place -= 1) if (messages[place].author === "buyer") return messages[place].number;
  return 0;
}

/** An answer to all that the buyer wrote is on its way: nothing of it is due, and answering again would say it twice. */
export function isAnswering(key) {
  const last = state.conversations.get(key)?.last;
  for (const item of state.outgoing.values()) {
    if (keyOf(item.shop, item.conversation) === key && !item.isUndoing && (last?.author !== "buyer" || last.number <= item.answers)) return true;
  }
  return false;
}

export function draftOf(key) {
  if (!state.drafts.has(key)) state.drafts.set(key, { text: "", since: 0, quote: null, image: "", suggestion: null, stops: [] });
  return state.drafts.get(key);
}

/** The membership ended: nothing of the shop stays. */
export function forgetShop(shop) {
  state.shops.delete(shop);
  delete state.feeds[shop];
  const prefix = `${shop}/`;
  for (const map of [state.conversations, state.threads, state.suggestions, state.drafts, state.typing]) {
    for (const key of [...map.keys()]) if (key.startsWith(prefix)) map.delete(key);
  }
  for (const [key, message] of [...state.outgoing]) if (message.shop === shop) state.outgoing.delete(key);
  tell("shop-lost", shop);
  if (state.open?.startsWith(prefix)) {
    state.open = null;
    tell("open", null);
  }
  changed("queue");
}

export function forgetAll() {
  for (const shop of [...state.shops.keys()]) forgetShop(shop);
  state.me = null;
}
