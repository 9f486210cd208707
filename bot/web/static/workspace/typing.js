// Tells the others that I am typing, and shows for how long they are.
import { changed, keyOf, state } from "./store.js";

const AGAIN = 3000;
const SHOWN = 6000;
let socket;
let said = { key: null, at: 0 };
let timer = 0;

export const useSocket = (live) => {
  socket = live;
};

function say(key, on) {
  const [shop, conversation] = key.split("/");
  socket.send({ type: "typing", shop, conversation, on });
}

function stop() {
  clearTimeout(timer);
  if (said.key) say(said.key, false);
  said = { key: null, at: 0 };
}

export function typed(isWriting) {
  const key = state.open;
  if (!key || !isWriting || (said.key && said.key !== key)) stop();
  if (!key || !isWriting) return;
  clearTimeout(timer);
  timer = setTimeout(stop, SHOWN - 1000);
  if (Date.now() - said.at < AGAIN) return;
  said = { key, at: Date.now() };
  say(key, true);
}

export function hear({ shop, conversation, who, on }) {
  const key = keyOf(shop, conversation);
  if (!state.shops.has(shop)) return;
  if (!state.typing.has(key)) state.typing.set(key, new Map());
  if (on) state.typing.get(key).set(who, Date.now() + SHOWN);
  else state.typing.get(key).delete(who);
  if (key === state.open) changed("typing");
}
