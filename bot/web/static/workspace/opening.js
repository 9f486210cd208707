// Opening a conversation: what is known shows at once, what is newer follows.
import { get, ofConversation, post } from "./api.js";
import { changed, draftOf, keyOf, on, state, takeConversation, takeMessages, takeThread, tell, threadOf } from "./store.js";

let socket;
let readTimer = 0;

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

/** Read the conversation anew. What comes for a shop that was lost meanwhile is not kept. */
export async function refresh(shop, conversation) {
  const key = keyOf(shop, conversation);
  try {
    const answer = await get(ofConversation(shop, conversation));
    if (!state.shops.has(shop)) return;
    const isFirst = !threadOf(key);
    takeThread(key, answer);
    takeConversation(answer.conversation);
    tell("held", { shop, conversation, held: answer.held });
    const draft = draftOf(key);
    if (isFirst && !draft.text && answer.draft) Object.assign(draft, { text: answer.draft, since: 0 });
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

