// What was found in all that was written, in my shops only. Loaded at the first search.
import { get } from "../api.js";
import { avatar, byId, el } from "../dom.js";
import { moment, shopName, t } from "../i18n.js";
import { state } from "../store.js";

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

export async function find(wanted, signal, open) {
  const box = byId("search-results");
  try {
    const { found } = await get(`/search?q=${encodeURIComponent(wanted)}`, { signal });
    const rows = found.filter(({ shop }) => state.shops.has(shop));
    box.replaceChildren(...rows.map((row) => resultRow(row, wanted, open)));
    if (!rows.length) box.append(el("li", { class: "soft none" }, t("search_nothing")));
  } catch (error) {
    if (error.name !== "AbortError") box.replaceChildren(el("li", { class: "soft none" }, error.message));
  }
}
