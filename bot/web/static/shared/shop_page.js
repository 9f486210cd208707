// What the scripts of a shop's console share: the shop's address, figures and shares as they are written, and refusals told.
import { Refused, say, words } from "../accounts/requests.js";

export const { shop } = document.body.dataset;
export const base = `/shops/${encodeURIComponent(shop)}`;
export const at = (id) => document.getElementById(id);
export const number = (count) => new Intl.NumberFormat(words.lang).format(count);
const shares = new Intl.NumberFormat(words.lang, { style: "percent", maximumFractionDigits: 1 });

/** A share as per cent; a dash where there is none, or nothing that it could be of. */
export const percent = (share) => (share === null || !Number.isFinite(share) ? "–" : shares.format(share));

/** What is wrong with each field, or with the whole where no field is named. */
export const messageOf = (error) => [...new Set(Object.values(error.fields))].join(" ") || error.message;

/** Tell a refusal in the page's own words; any other error is a mistake of ours and goes on. */
export function tell(error, place = at("problem")) {
  if (!(error instanceof Refused)) throw error;
  say(place, messageOf(error), "bad");
}

/** Call `work` once nothing has been asked for some time. */
export function later(work, milliseconds) {
  let waiting = 0;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(work, milliseconds);
  };
}

/** Do the work and say what was done; whatever came of it, the page is read anew with `again`. */
export async function settle(work, said, again) {
  say(at("problem"), "");
  try {
    await work();
    say(at("done"), said, "good");
  } catch (error) {
    tell(error);
  }
  await again();
}
