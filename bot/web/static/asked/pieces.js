// What the scripts of this page share.
import { Refused, say, words } from "../accounts/requests.js";

export const base = `/shops/${encodeURIComponent(document.body.dataset.shop)}`;
export const at = (id) => document.getElementById(id);
export const number = (count) => new Intl.NumberFormat(words.lang).format(count);

export function tell(error) {
  if (!(error instanceof Refused)) throw error;
  say(at("problem"), Object.values(error.fields)[0] ?? error.message, "bad");
  at("problem").scrollIntoView({ block: "nearest" });
}
