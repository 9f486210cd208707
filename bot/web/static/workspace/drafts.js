// Drafts live in the page and on the server, never in the browser's storage: what a shop's agent wrote goes with the membership.
import { csrfToken, ofConversation, put } from "./api.js";
import { draftOf, on, state } from "./store.js";

const PAUSE = 900;
const ASKING = /^[/、／][^\n]{0,40}$/; // a quick phrase is being looked for: that is no draft
const timers = new Map();

async function save(key, keepalive = false) {
  clearTimeout(timers.get(key));
  timers.delete(key);
  const [shop, conversation] = key.split("/");
  const draft = state.drafts.get(key);
  if (!draft || !state.shops.has(shop)) return;
  const text = ASKING.test(draft.text) ? "" : draft.text;
  if (draft.saved === text || (draft.saved === undefined && !text)) return;
  draft.saved = text;
  try {
    await put(`${ofConversation(shop, conversation)}/draft`, { text }, { keepalive });
  } catch {
    draft.saved = null; // kept here; the next keystroke tries again
  }
}

export function saveSoon(key) {
  clearTimeout(timers.get(key));
  timers.set(key, setTimeout(() => save(key), PAUSE));
}

export function clearDraft(key) {
  const draft = draftOf(key);
  Object.assign(draft, { text: "", since: 0, quote: null, image: "", suggestion: null, phrase: null, stops: [], guard: null, pasted: [], confirmed: [] });
  saveSoon(key);
}

export function startDrafts() {
  on("leave", (key) => key && save(key));
  on("shop-lost", (shop) => {
    for (const [key, timer] of [...timers]) {
      if (!key.startsWith(`${shop}/`)) continue;
      clearTimeout(timer);
      timers.delete(key);
    }
  });
  addEventListener("pagehide", () => {
    if (csrfToken()) for (const key of timers.keys()) save(key, true);
  });
}
