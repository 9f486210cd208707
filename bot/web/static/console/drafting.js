// The draft of the entry at hand: kept beside what is suggested, handed over for review, published or dropped.
import { call, fill, moment, words } from "../accounts/requests.js";
import { authorOf, difference } from "./history.js";
import { at, number } from "./pieces.js";

let draft = null; // as the server has it
let address = "";

export const held = () => draft;

function show(found) {
  draft = found;
  at("draft-card").hidden = !draft;
  at("draft-chip").hidden = !draft;
  if (!draft) return;
  at("draft-chip").textContent = draft.handed_at ? words.review : words.edited;
  const told = [fill(words.draft_by, { name: authorOf(draft.author), at: moment(draft.at) })];
  if (draft.handed_at) told.push(fill(words.handed_by, { name: authorOf(draft.handed_by), at: moment(draft.handed_at) }));
  told.push(words.draft_help);
  at("draft-text").textContent = told.join(" ");
  at("draft-note").textContent = draft.note;
  at("draft-note").hidden = !draft.note;
  at("draft-behind").hidden = !draft.is_behind;
  at("draft-changes").hidden = draft.differences.length === 0;
  at("draft-count").textContent = fill(words.draft_changes, { count: number(draft.differences.length) });
  at("draft-differences").replaceChildren(...draft.differences.map(difference));
}

const known = () => ({ "If-Match": String(draft?.version ?? 0) });

/** Reads the draft of the entry at that address ("" = of none), and returns it. */
export async function load(entry) {
  address = `${entry}/draft`;
  show(entry ? (await call("GET", address)).draft : null);
  return draft;
}

/** Writes the draft, made from the entry's version `base`. */
export async function put(entry, base, ready, note) {
  show((await call("PUT", address, { entry, base, ready, note }, known())).draft);
}

/** Makes the draft the entry, and returns it. */
export async function publish() {
  const entry = await call("POST", `${address}/publish`, undefined, known());
  show(null);
  return entry;
}

export async function drop() {
  await call("DELETE", address, undefined, known());
  show(null);
}
