// Messages on their way: accepted by the server, held for five seconds, sent. None is lost when the network is.
import { now } from "./clock.js";
import { changed, draftOf, keyOf, lastBuyerNumber, on, state, takeMessages, tell } from "./store.js";

let socket;

export const useSocket = (live) => {
  socket = live;
};

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is missing on plain http
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function transmit(item) {
  const { key, shop, conversation, text, answers, quotes, image, suggestion, suggestion_text, phrase, phrase_text, confirmed } = item;
  const message = { type: "send", shop, conversation, text, key, answers };
  if (quotes) message.quotes = quotes;
  if (image) message.image = image;
  if (suggestion) Object.assign(message, { suggestion, suggestion_text });
  if (phrase) Object.assign(message, { phrase, phrase_text });
  if (confirmed.length) message.confirmed = confirmed;
  item.status = socket.send(message) ? "sent-off" : "waiting";
  changed("outgoing");
}

export function submit(message) {
  const item = { confirmed: [], at: Date.now(), ...message, key: newKey() };
  state.outgoing.set(item.key, item);
  transmit(item);
  return item.key;
}

/** After a reconnect: the server knows each message by its key and takes none twice. */
export function transmitAll() {
  for (const item of state.outgoing.values()) if (item.status !== "held" || item.until < now()) transmit(item);
}

export function undo(key = lastHeld()?.key) {
  const item = state.outgoing.get(key);
  if (!item) return false;
  if (item.status === "waiting") {
    giveBack(item);
    return true;
  }
  item.isUndoing = socket.send({ type: "undo", shop: item.shop, key });
  changed("outgoing");
  return true;
}

export const lastHeld = () => [...state.outgoing.values()].filter((item) => item.status !== "sent").at(-1);
export const outgoingOf = (key) => [...state.outgoing.values()].filter((item) => keyOf(item.shop, item.conversation) === key);

/** Put a text that did not leave back where it was written, before what was written since. */
function giveBack(item, reason) {
  state.outgoing.delete(item.key);
  changed("outgoing");
  if (!state.shops.has(item.shop)) return;
  const key = keyOf(item.shop, item.conversation);
  const draft = draftOf(key);
  const text = draft.text.trim() && draft.text !== item.text ? `${item.text}\n${draft.text}` : item.text;
  Object.assign(draft, { text, quote: draft.quote ?? item.quotes, image: draft.image || item.image || "", since: item.answers });
  if (item.suggestion) draft.suggestion = { id: item.suggestion, text: item.suggestion_text };
  if (item.phrase) draft.phrase = { id: item.phrase, text: item.phrase_text };
  tell("returned", { key, item, reason });
}

export const receivers = {
  held({ key, until }) {
    const item = state.outgoing.get(key);
    if (!item) return;
    Object.assign(item, { status: "held", until: Date.parse(until) });
    changed("outgoing");
  },
  sent({ key, message }) {
    const item = state.outgoing.get(key);
    if (!item) return;
    state.outgoing.delete(key);
    changed("outgoing");
    if (message) {
      takeMessages(keyOf(item.shop, item.conversation), [message]);
      if (state.open === keyOf(item.shop, item.conversation)) changed("messages");
    }
  },
  undone({ key }) {
    const item = state.outgoing.get(key);
    if (item) giveBack(item, { undone: true });
  },
  refused({ key, error, guard }) {
    const item = state.outgoing.get(key);
    if (!item) return;
    if (item.isUndoing && item.status === "held") {
      item.isUndoing = false; // too late to take it back: it is going out
      changed("outgoing");
      tell("problem", error);
    } else giveBack(item, { error, guard });
  },
};

/** After the page was loaded anew: what still waits can be taken back. */
function takeHeld({ shop, conversation, held }) {
  for (const { key, text, until } of held) {
    if (state.outgoing.has(key)) continue;
    state.outgoing.set(key, { key, shop, conversation, text, answers: lastBuyerNumber(keyOf(shop, conversation)), confirmed: [], status: "held", until: Date.parse(until) });
  }
  changed("outgoing");
}

export function startSending() {
  on("held", takeHeld);
  on("shop-lost", () => changed("outgoing"));
  addEventListener("beforeunload", (event) => {
    // What the server has not accepted would be lost with the page.
    if ([...state.outgoing.values()].some((item) => item.status !== "held")) event.preventDefault();
  });
}
