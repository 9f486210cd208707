// Places in an inserted text that the agent must still fill in: 【…】, {…} and blanks. Tab goes from one to the next.
const STOP = /【[^【】\n]{0,40}】|\{[^{}\n]{1,40}\}|_{2,}|＿{2,}/g;

export const stopsIn = (text) => [...text.matchAll(STOP)].map((match) => match[0]);

/** Those of the stops that came with an insertion that are still unfilled. */
export const left = (text, stops) => stops.filter((stop) => text.includes(stop));

/** Select the next unfilled stop after the caret, else the first; false when there is none. */
export function toNext(field, stops) {
  const open = left(field.value, stops);
  if (!open.length) return false;
  const places = [...field.value.matchAll(STOP)].filter((match) => open.includes(match[0]));
  if (!places.length) return false;
  const next = places.find((match) => match.index >= field.selectionEnd) ?? places[0];
  field.focus();
  field.setSelectionRange(next.index, next.index + next[0].length);
  return true;
}
