// Opening a conversation: what is known shows at once, what is newer follows.
import { get, ofConversation, post } from "./api.js";
import { changed, draftOf, keyOf, on, state, takeConversation, takeMessages, takeThread, tell, threadOf } from "./store.js";

let socket;
const PAUSE = 60;
let readTimer = 0;
let aheadTimer = 0;

export const useSocket = (live) => {
  socket = live;
};

export function sayOpen() {
  const [shop, conversation] = state.open?.split("/") ?? [];
  socket.send(shop ? { type: "open", shop, conversation } : { type: "open", shop: null, conversation: null });
}

export async function openThread(shop, conversation) {
  const key = keyOf(shop, conversation);
  if (!state.shops.has(shop)) return;
  if (state.open !== key) {
    tell("leave", state.open);
    state.open = key;
    tell("open", key);
    sayOpen();
  }
  await refresh(shop, conversation);
}

export function closeThread() {
  if (!state.open) return;
  tell("leave", state.open);
  state.open = null;
  tell("open", null);
  sayOpen();
}

/** Take over what the server says of a conversation; what comes for a shop that was lost meanwhile is not kept. */
async function read(shop, conversation) {
  const key = keyOf(shop, conversation);
  const answer = await get(ofConversation(shop, conversation));
  if (!state.shops.has(shop)) return false;
  const isFirst = !threadOf(key);
  takeThread(key, answer);
  takeConversation(answer.conversation);
  tell("held", { shop, conversation, held: answer.held });
  const draft = draftOf(key);
  if (isFirst && !draft.text && answer.draft) Object.assign(draft, { text: answer.draft, saved: answer.draft, since: 0 });
  return true;
}

/** Read what is likely to be opened next, so that it shows at once: the row under the pointer, the rows beside the open one. */
export async function readAhead(conversations) {
  clearTimeout(aheadTimer);
  aheadTimer = setTimeout(async () => {
    for (const each of conversations) {
      if (!each || threadOf(keyOf(each.shop, each.id)) || !socket.isReady) continue;
      await read(each.shop, each.id).catch(() => false); // it is read again when it is opened
    }
  }, PAUSE);
}

/** Read the conversation anew. */
export async function refresh(shop, conversation) {
  const key = keyOf(shop, conversation);
  try {
    if (!(await read(shop, conversation))) return;
    if (state.open === key) tell("thread", key);
    if (!socket.isReady) await fetchSuggestions(shop, conversation);
  } catch (error) {
    if (state.open === key) tell("problem", error);
  }
}

async function fetchSuggestions(shop, conversation) {
  const answer = await get(`${ofConversation(shop, conversation)}/suggestions`);
  takeSuggestions({ shop, conversation, ...answer });
}

export function takeSuggestions({ shop, conversation, upto, result }) {
  if (!state.shops.has(shop) || result.shop !== shop) return;
  const key = keyOf(shop, conversation);
  if ((state.suggestions.get(key)?.upto ?? 0) > upto) return;
  state.suggestions.set(key, { upto, result });
  if (state.open === key) changed("suggestions");
}

export async function loadEarlier() {
  const key = state.open;
  const thread = threadOf(key);
  const first = thread?.messages[0]?.number ?? 1;
  if (!thread || first <= 1 || thread.isLoading) return;
  thread.isLoading = true;
  try {
    const [shop, conversation] = key.split("/");
    const answer = await get(`${ofConversation(shop, conversation)}/messages?before=${first}`);
    if (!state.shops.has(shop)) return;
    takeMessages(key, answer.messages);
    if (state.open === key) tell("earlier", key);
  } catch (error) {
    tell("problem", error);
  } finally {
    thread.isLoading = false;
  }
}

/** The buyer's bubbles count as read when a person can see them. */
function readSoon() {
  clearTimeout(readTimer);
  readTimer = setTimeout(async () => {
    const key = state.open;
    const unread = state.conversations.get(key)?.unread;
    if (!key || !unread || document.hidden || !document.hasFocus()) return;
    const [shop, conversation] = key.split("/");
    try {
      await post(`${ofConversation(shop, conversation)}/read`);
    } catch {
      // it stays unread, and is tried again with the next bubble
    }
  }, 400);
}

export function startOpening() {
  on("open", readSoon);
  on("conversation", ({ key }) => key === state.open && readSoon());
  addEventListener("focus", readSoon);
}

