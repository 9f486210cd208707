// The entry behind a suggestion, as it stands in the shop's knowledge base. Loaded when first looked at.
import { get, path } from "../api.js";
import { picture } from "../bubbles.js";
import { byId, dress, el } from "../dom.js";
import { groupName, intentName, t } from "../i18n.js";
import { on, state, tell } from "../store.js";

const dialog = byId("entry");

export async function showEntry(shop, id) {
  try {
    const entry = await get(path`/shops/${shop}/entries/${id}`);
    if (!state.shops.has(shop)) return;
    dress(dialog, state.shops.get(shop));
    byId("entry-title").textContent = entry.question;
    byId("entry-about").textContent = [entry.id, entry.intent && intentName(entry.intent), entry.group && groupName(entry.group), t("version", { number: entry.version })].filter(Boolean).join(" · ");
    byId("entry-reply").textContent = entry.reply;
    if (entry.image) byId("entry-reply").append(picture(shop, entry.image));
    byId("entry-phrasings").replaceChildren(...entry.phrasings.map((phrasing) => el("li", {}, phrasing)));
    dialog.showModal();
  } catch (error) {
    tell("problem", error);
  }
}

byId("entry-close").addEventListener("click", () => dialog.close());
on("shop-lost", (shop) => {
  if (dialog.dataset.shop !== shop) return;
  dialog.close();
  dress(dialog, null);
  for (const id of ["entry-title", "entry-about", "entry-reply", "entry-phrasings"]) byId(id).replaceChildren();
});
