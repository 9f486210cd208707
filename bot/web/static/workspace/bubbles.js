// One bubble of the thread.
import { path } from "./api.js";
import { el, iconButton } from "./dom.js";
import { clockTime, t } from "./i18n.js";
import { state } from "./store.js";

const LONG = 600;

export const imageAddress = (shop, image) => `/api/v1${path`/shops/${shop}/images/${image}`}`;

function authorLine(message) {
  if (message.author === "auto") return t("automatic");
  if (message.author !== "agent") return "";
  return message.account === state.me.id ? "" : message.name || t("colleague");
}

function quoted(thread, number) {
  const original = thread?.messages.find((message) => message.number === number);
  return el("p", { class: "quoted", dir: "auto" }, original ? original.text.slice(0, 120) || t("image_word") : t("earlier_message"));
}

export function picture(shop, image) {
  const address = imageAddress(shop, image);
  return el("a", { class: "picture", href: address, target: "_blank", rel: "noopener" }, el("img", { src: address, alt: t("image_word"), loading: "lazy" }));
}

function words(text) {
  const body = el("p", { class: "text", dir: "auto" }, text);
  if (text.length <= LONG) return [body];
  body.classList.add("long");
  const more = el("button", { type: "button", class: "quiet small", tabindex: "-1", onclick: () => (body.classList.remove("long"), more.remove()) }, t("show_all", { count: text.length }));
  return [body, more];
}

/** A message as an element; `act` gives what its buttons do. */
export function bubble(thread, shop, message, act) {
  if (message.author === "system") return el("p", { class: "system" }, message.text);
  const node = el("article", { class: `bubble ${message.author}`, tabindex: "-1", "data-number": message.number });
  const who = authorLine(message);
  if (who) node.append(el("p", { class: "by" }, who));
  const balloon = el("div", { class: "balloon" });
  if (message.quotes) balloon.append(quoted(thread, message.quotes));
  if (message.image) balloon.append(picture(shop, message.image));
  if (message.text) balloon.append(...words(message.text));
  const tools = el("span", { class: "tools" });
  const offered = [["quote", t("quote"), act.quote], ["copy", t("copy"), act.copy]];
  if (message.author === "agent" && message.text) offered.push(["phrase", t("keep_entry"), act.keep]);
  for (const [name, label, run] of offered) {
    const button = iconButton(name, label, () => run(message), "icon quiet small");
    button.tabIndex = -1; // by keyboard: arrows in the thread, then Q or C
    tools.append(button);
  }
  const { state: way = "sent", error } = message.delivery ?? {};
  const status = way !== "sent" && el("p", { class: `status ${way}`, title: error }, t(`delivery_${way}`));
  node.append(...[el("div", { class: "line" }, balloon, tools), status].filter(Boolean), el("time", { datetime: message.at }, clockTime(new Date(message.at))));
  return node;
}

export function pendingBubble(item) {
  const status = { waiting: t("waiting_for_network"), "sent-off": t("sending"), held: t("held") }[item.status];
  const balloon = el("div", { class: "balloon" });
  if (item.quotes) balloon.append(quoted(state.threads.get(`${item.shop}/${item.conversation}`), item.quotes));
  if (item.image) balloon.append(picture(item.shop, item.image));
  if (item.text) balloon.append(el("p", { class: "text", dir: "auto" }, item.text));
  return el("article", { class: "bubble agent pending" }, el("div", { class: "line" }, balloon), el("span", { class: "status" }, status));
}
