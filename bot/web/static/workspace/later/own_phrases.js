// The agent's own phrases for a shop: shown, kept, deleted. Loaded when first opened.
import { get, path, put, remove } from "../api.js";
import { focusComposer } from "../composer.js";
import { byId, el, iconButton } from "../dom.js";
import { shopName, t } from "../i18n.js";
import { on, state, tell } from "../store.js";

const dialog = byId("keep");

function ownRow(shop, phrase) {
  const drop = async () => {
    await remove(path`/shops/${shop.id}/phrases/${phrase.id}`);
    await listOwn(shop);
  };
  return el("li", {}, el("span", { class: "code" }, `/${phrase.short_code}`), el("span", { class: "body", dir: "auto" }, phrase.text), iconButton("close", t("delete_phrase"), () => drop().catch((error) => tell("problem", error)), "icon quiet small"));
}

async function listOwn(shop) {
  const { phrases: own } = await get(path`/shops/${shop.id}/phrases/own`);
  if (!state.shops.has(shop.id)) return;
  byId("own-phrases").replaceChildren(...(own.length ? own.map((phrase) => ownRow(shop, phrase)) : [el("li", { class: "soft none" }, t("no_own_phrases"))]));
}

async function keep(event) {
  event.preventDefault();
  const shop = state.shops.get(dialog.dataset.shop);
  const body = { short_code: byId("keep-code").value.trim(), text: byId("keep-text").value.trim(), group: "" };
  byId("keep-wrong").textContent = "";
  if (!shop || !body.text) return;
  try {
    const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    await put(path`/shops/${shop.id}/phrases/${id}`, body);
    byId("keep-code").value = byId("keep-text").value = "";
    await listOwn(shop);
    tell("say", t("phrase_kept"));
  } catch (error) {
    byId("keep-wrong").textContent = Object.values(error.fields ?? {})[0] ?? error.message;
  }
}

export async function manage(shop, text) {
  dialog.dataset.shop = shop.id;
  byId("keep-title").textContent = t("own_phrases_of", { shop: shopName(shop) });
  byId("keep-text").value = text;
  byId("keep-wrong").textContent = "";
  byId("own-phrases").replaceChildren();
  dialog.showModal();
  await listOwn(shop).catch((error) => tell("problem", error));
}

byId("keep-form").addEventListener("submit", keep);
byId("keep-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", focusComposer);
on("shop-lost", (shop) => {
  if (dialog.dataset.shop !== shop) return;
  byId("own-phrases").replaceChildren();
  byId("keep-form").reset();
  byId("keep-title").textContent = "";
  dialog.close();
});
