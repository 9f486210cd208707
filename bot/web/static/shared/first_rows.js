// A long table begins with its first rows.
import { fill, words } from "../accounts/requests.js";
import { number } from "./shop_page.js";

/** Show the first rows of a table, and all of them when asked for. */
export function showSome(box, more, items, rowOf, most = 30) {
  box.replaceChildren(...items.slice(0, most).map(rowOf));
  more.hidden = items.length <= most;
  more.textContent = fill(words.show_all, { count: number(items.length) });
  more.onclick = () => {
    box.replaceChildren(...items.map(rowOf));
    more.hidden = true;
  };
}
