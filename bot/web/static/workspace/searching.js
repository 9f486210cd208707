// The search field: narrows the queue at once, and finds in all that was written, in my shops only.
import { get } from "./api.js";
import { avatar, byId, el } from "./dom.js";
import { moment, shopName, t } from "./i18n.js";
import { narrow } from "./queue.js";
import { on, state } from "./store.js";

const PAUSE = 250;
let asking = null;
let timer = 0;

function mark(text, wanted) {
  const place = text.toLowerCase().indexOf(wanted.toLowerCase());
  if (place < 0) return [text.slice(0, 80)];
  const start = Math.max(0, place - 12);
  return [
    start ? "…" : "", text.slice(start, place), el("mark", {}, text.slice(place, place + wanted.length)), text.slice(place + wanted.length, place + 60),
  ];
}

function resultRow(found, wanted, open) {
  const shop = state.shops.get(found.shop);
  const message = found.message ?? {};
  return el(
    "li",
    { "data-shop": found.shop },
    el(
      "button",
      { type: "button", class: "found", onclick: () => open(found.shop, found.conversation, message.number) },
      avatar(shop),
      el("span", { class: "found-head" }, el("b", {}, found.buyer.name || t("a_buyer")), ` · ${shopName(shop)}`, message.at && el("time", {}, moment(new Date(message.at)))),
      el("span", { class: "found-text" }, ...mark(message.text ?? "", wanted)),
    ),
  );
}

async function ask(wanted, open) {
  asking?.abort();
  asking = new AbortController();
  const box = byId("search-results");
  try {
    const answer = await get(`/search?q=${encodeURIComponent(wanted)}`, { signal: asking.signal });
    const rows = (answer.found).filter((found) => state.shops.has(found.shop));
    box.replaceChildren(...rows.map((found) => resultRow(found, wanted, open)));
    if (!rows.length) box.append(el("li", { class: "soft none" }, t("search_nothing")));
  } catch (error) {
    if (error.name !== "AbortError") box.replaceChildren(el("li", { class: "soft none" }, error.message));
  }
}

export function startSearch(open) {
  const input = byId("search");
  const show = () => {
    const wanted = input.value.trim();
    clearTimeout(timer);
    narrow(wanted);
    byId("found").hidden = !wanted;
    byId("search-results").replaceChildren();
    asking?.abort();
    if (wanted) timer = setTimeout(() => ask(wanted, open), PAUSE);
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
