// What software did in the open conversation. What shows it is loaded when there is something to show.
import { byId } from "./dom.js";
import { keyOf, on, state, threadOf } from "./store.js";
import { settle } from "./thread.js";

let part = null;

async function draw() {
  const key = state.open;
  const thread = threadOf(key);
  const isQuiet = !thread?.decisions?.length && !thread?.hand_overs?.length;
  byId("machine").hidden = isQuiet;
  if (isQuiet) return byId("machine").replaceChildren();
  part ??= await import("./later/decided.js");
  if (state.open !== key) return undefined; // another was opened
  part.show(key, threadOf(key));
  return settle();
}

function take(list, { shop, conversation }, one) {
  const thread = threadOf(keyOf(shop, conversation));
  if (!thread) return;
  if (!thread[list].some((each) => each.id === one.id)) thread[list].push(one);
  if (keyOf(shop, conversation) === state.open) draw();
}

export const takeDecision = (told) => take("decisions", told, told.decision);
export const takeHandOver = (told) => take("hand_overs", told, told.hand_over);

export function startMachine() {
  for (const topic of ["open", "thread", "messages", "earlier", "header"]) on(topic, draw);
}
