// Beside the thread, below the suggestions: the shop's card, the buyer's, and what colleagues noted.
import { ofConversation, post, put } from "./api.js";
import { byId, el } from "./dom.js";
import { moment, t } from "./i18n.js";
import { openThread } from "./opening.js";
import { keyOf, may, on, state, tell, threadOf } from "./store.js";

const LINES = ["courier", "dispatch", "invoice", "address"];

const when = (iso) => moment(new Date(iso));

function shopLines(card) {
  const rows = [];
  for (const name of LINES) {
    const line = card?.[name];
    if (!line?.value) continue;
    rows.push(el("dt", {}, t(`card_${name}`)), el("dd", {}, line.value, line.stale && el("span", { class: "chip warn" }, t("stale")), line.as_of && el("span", { class: "soft" }, when(line.as_of))));
  }
  return rows.length ? el("dl", {}, ...rows) : el("p", { class: "note" }, t("card_empty"));
}

function drawShop(thread) {
  const notice = thread.shop_card?.notice?.value;
  byId("shop-card").replaceChildren(...[notice && el("p", { class: "notice warn" }, notice), shopLines(thread.shop_card)].filter(Boolean));
}

function orderRow(order) {
  const facts = [order.items?.join("、"), order.amount !== null && order.amount !== undefined && `¥${order.amount}`, order.courier && `${order.courier} ${order.tracking_no ?? ""}`, order.tracking_status, order.promised_ship_by && t("ship_by", { time: when(order.promised_ship_by) })];
  return el("li", {}, el("p", {}, el("b", { class: "mono" }, order.order_no), " ", el("span", { class: "chip" }, t(`order_${order.status}`))), el("p", { class: "soft" }, facts.filter(Boolean).join(" · ")));
}

function earlierRow(shop, earlier) {
  return el("li", {}, el("button", { type: "button", class: "quiet small", onclick: () => openThread(shop, earlier.id) }, `${when(earlier.last.at ?? earlier.opened_at)} ${earlier.last.text.slice(0, 24)}`));
}

function section(title, ...content) {
  return el("div", { class: "piece" }, el("h3", {}, title), ...content);
}

function tagsForm(key, buyer) {
  const [shop, conversation] = key.split("/");
  const save = async (tags, added = "") => {
    try {
      const kept = await put(`${ofConversation(shop, conversation)}/tags`, { tags });
      const thread = threadOf(key); // read anew meanwhile, perhaps
      if (thread) thread.buyer.tags = kept.tags;
      if (state.open === key) draw();
    } catch (error) {
      input.value ||= added;
      tell("problem", error);
    }
  };
  const chips = (buyer.tags ?? []).map((tag) => el("span", { class: "chip tag" }, tag, el("button", { type: "button", "aria-label": t("remove_tag", { tag }), onclick: () => save(buyer.tags.filter((each) => each !== tag)) }, "×")));
  const input = el("input", { "aria-label": t("add_tag"), placeholder: t("add_tag"), maxlength: "30", size: "8", "data-of": key });
  input.addEventListener("keydown", (event) => {
    const tag = input.value.trim();
    if (event.key !== "Enter" || event.isComposing || !tag) return;
    event.preventDefault();
    input.value = "";
    save([...new Set([...(buyer.tags ?? []), tag])], tag);
  });
  return el("div", { class: "tags" }, ...chips, may(shop, "answer") && input);
}

/** What is being typed stays when the card is drawn anew. */
function keepTyping(key, drawCard) {
  const find = () => byId("buyer-card").querySelector(".tags input");
  const before = find();
  const isFocused = before && before === document.activeElement;
  drawCard();
  const after = find();
  if (before?.dataset.of !== key || !after) return;
  after.value = before.value;
  if (isFocused) after.focus();
}

function productLine(product) {
  if (!product) return null;
  return section(t("viewed"), el("p", {}, product.title, product.price ? ` · ¥${product.price}` : ""));
}

function drawBuyer(key, thread) {
  const [shop] = key.split("/");
  const buyer = thread.buyer;
  const channel = t(`channel_${buyer.channel}`);
  byId("buyer-card").replaceChildren(
    ...[
      el("p", { class: "buyer-name" }, el("b", { dir: "auto" }, buyer.name || t("a_buyer")), " ", el("span", { class: "soft" }, channel.startsWith("channel_") ? buyer.channel : channel)),
      tagsForm(key, buyer),
      productLine(buyer.viewed_product),
      section(t("orders"), buyer.orders?.length ? el("ul", { class: "orders" }, ...buyer.orders.map(orderRow)) : el("p", { class: "note" }, t("no_orders"))),
      buyer.earlier?.length ? section(t("earlier_chats"), el("ul", { class: "earlier" }, ...buyer.earlier.map((each) => earlierRow(shop, each)))) : null,
    ].filter(Boolean),
  );
}

function drawNotes(thread) {
  byId("notes").replaceChildren(...(thread.notes ?? []).map((note) => el("li", {}, el("p", { dir: "auto" }, note.text), el("span", { class: "soft" }, `${note.name || t("colleague")} · ${when(note.at)}`))));
}

function draw() {
  const thread = threadOf(state.open);
  byId("cards").hidden = !thread;
  if (!thread) {
    for (const id of ["shop-card", "buyer-card", "notes"]) byId(id).replaceChildren();
    byId("note").value = "";
    return;
  }
  drawShop(thread);
  keepTyping(state.open, () => drawBuyer(state.open, thread));
  drawNotes(thread);
}

async function addNote(event) {
  event.preventDefault();
  const key = state.open;
  const text = byId("note").value.trim();
  if (!key || !text) return;
  const [shop, conversation] = key.split("/");
  try {
    const note = await post(`${ofConversation(shop, conversation)}/notes`, { text });
    const thread = threadOf(key);
    if (thread && !thread.notes.some((each) => each.id === note.id)) thread.notes.push(note);
    if (state.open !== key) return;
    byId("note").value = "";
    draw();
  } catch (error) {
    tell("problem", error);
  }
}

export function takeNote({ shop, conversation, note }) {
  const thread = threadOf(keyOf(shop, conversation));
  if (!thread || thread.notes.some((each) => each.id === note.id)) return;
  thread.notes.push(note);
  if (keyOf(shop, conversation) === state.open) drawNotes(thread);
}

export function startCards() {
  on("open", () => {
    byId("note").value = "";
    draw();
  });
  on("thread", draw);
  byId("note-form").addEventListener("submit", addNote);
  byId("note").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) addNote(event);
  });
}
