// The search field: narrows the queue at once, and finds in all that was written, in my shops only.
import { byId } from "./dom.js";
import { narrow } from "./queue.js";
import { on } from "./store.js";

const PAUSE = 250;
let asking = null;
let timer = 0;

export function startSearch(open) {
  const input = byId("search");
  const show = () => {
    const wanted = input.value.trim();
    clearTimeout(timer);
    narrow(wanted);
    byId("found").hidden = !wanted;
    byId("search-results").replaceChildren();
    asking?.abort();
    if (!wanted) return;
    asking = new AbortController();
    const { signal } = asking;
    timer = setTimeout(async () => (await import("./later/found.js")).find(wanted, signal, open), PAUSE);
  };
  input.addEventListener("input", (event) => event.isComposing || show());
  input.addEventListener("compositionend", show);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    input.value = "";
    show();
    event.stopPropagation();
    byId("queue-list").focus();
  });
  on("shop-lost", (shop) => {
    asking?.abort();
    for (const row of byId("search-results").querySelectorAll("li[data-shop]")) if (row.dataset.shop === shop) row.remove();
  });
}
