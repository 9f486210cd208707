// What the server tells over the live connection, and what becomes of it here.
import * as alarms from "./alarm.js";
import { get, useSession } from "./api.js";
import { takeNote } from "./cards.js";
import { setServerTime } from "./clock.js";
import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { takeDecision, takeHandOver } from "./machine.js";
import { refresh, sayOpen, takeSuggestions } from "./opening.js";
import { receivers, transmitAll } from "./sending.js";
import { changed, forgetShop, keyOf, state, takeConversation, takeMe, takeMessages, takeQueue, tell } from "./store.js";
import { takeDelivery } from "./thread.js";
import { hear } from "./typing.js";

const SIGNED_OUT = 4401;
let signedOut = () => {};
let wasWelcome = false;

/** Who I am and which shops are mine. */
export async function askWho() {
  const answer = await get("/me");
  useSession(answer.csrf);
  setServerTime(answer.server_time);
  takeMe(answer);
  return answer;
}

async function welcome({ queue, feeds, server_time: time, presence }) {
  setServerTime(time);
  const known = (shop) => state.shops.has(shop);
  if (!Object.keys(feeds ?? {}).every(known)) await askWho(); // a shop was given to me
  Object.assign(state.feeds, feeds);
  if (presence) byId("presence").value = presence;
  if (queue) takeQueue(queue);
  sayOpen();
  transmitAll();
  if (wasWelcome && state.open) refresh(...state.open.split("/"));
  wasWelcome = true;
}

function message({ shop, conversation, message: bubble }) {
  const key = keyOf(shop, conversation);
  if (!state.shops.has(shop)) return;
  const whole = takeMessages(key, [bubble]);
  if (bubble.author === "buyer") state.typing.get(key)?.delete("buyer");
  if (key !== state.open) return;
  if (!whole) refresh(shop, conversation);
  changed("messages");
  changed("typing");
}

function removed({ shop }) {
  if (!state.shops.has(shop)) return;
  forgetShop(shop);
  tell("problem", { message: t("shop_lost") });
}

/** The shop has a new name, look or rules; what is on the screen follows, its card too. */
function dressed({ shop, look }) {
  const known = state.shops.get(shop);
  if (!known) return;
  Object.assign(known, look);
  changed("queue");
  if (!state.open?.startsWith(`${shop}/`)) return;
  changed("header");
  refresh(...state.open.split("/"));
}

function erased({ shop, conversation }) {
  const key = keyOf(shop, conversation);
  state.threads.delete(key);
  state.suggestions.delete(key);
  if (state.open === key) refresh(shop, conversation);
}

const HANDLERS = {
  ...receivers,
  welcome,
  conversation: ({ conversation }) => takeConversation(conversation),
  message,
  suggestions: takeSuggestions,
  typing: hear,
  alarm: alarms.raise,
  note: takeNote,
  delivery: takeDelivery,
  decided: takeDecision,
  hand_over: takeHandOver,
  removed,
  shop: dressed,
  erased,
  presence: ({ account, state: presence }) => {
    if (account === state.me.id) byId("presence").value = presence;
  },
  error: ({ error }) => tell("problem", error),
};

export function receive(data) {
  if (data.feed && data.shop in state.feeds) state.feeds[data.shop] = Math.max(state.feeds[data.shop], data.feed);
  HANDLERS[data.type]?.(data);
}

export function onSignedOut(act) {
  signedOut = act;
}

export function connection(now, code) {
  if (code === SIGNED_OUT) return signedOut();
  state.connection = now;
  byId("connection").hidden = now === "online";
  byId("connection").textContent = now === "online" ? "" : t("reconnecting");
  document.body.classList.toggle("offline", now !== "online");
  // A refused connection does not say why: whoever was signed out meanwhile is led to the login, shops that were lost go.
  if (now === "offline") askWho().catch(() => {});
  if (now === "offline") for (const item of state.outgoing.values()) if (item.status === "sent-off") item.status = "waiting";
  changed("outgoing");
  return undefined;
}
