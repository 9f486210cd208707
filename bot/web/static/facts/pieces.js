// What the parts of the page of facts share: the shop, its tables' shape, calls, and how spans are said.
import { call, fill, say, words } from "../accounts/requests.js";
import { at, base as shopBase, number } from "../shared/shop_page.js";

export const { columns, keys, statuses } = JSON.parse(document.body.dataset.shape);
export const base = `${shopBase}/fact-tables`;
export const columnName = (column) => words[`c_${column}`] || column;

const PAGE_LIMIT = 12;
export const MOST_BYTES = PAGE_LIMIT * 1024 * 1024;
export const tooLarge = () => fill(words.too_large, { limit: PAGE_LIMIT });

export function done(text) {
  say(at("problem"), "");
  say(at("done"), text, "good");
}

// Seconds in the largest unit that divides them.
export function inUnits(seconds) {
  for (const [unit, size] of [["days", 86400], ["hours", 3600], ["minutes", 60]])
    if (seconds % size === 0 && (seconds >= 2 * size || unit === "minutes" || (seconds === size && unit !== "days"))) return { unit, size, count: seconds / size };
  return { unit: "minutes", size: 60, count: Math.round(seconds / 60) };
}

export function span(seconds) {
  const { unit, count } = inUnits(seconds);
  return `${number(count)} ${words[unit]}`;
}

export const change = (table, rows, remove = []) => call("POST", `${base}/${table}`, { rows, remove });

for (const dialog of document.querySelectorAll("dialog"))
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) dialog.close();
  });
