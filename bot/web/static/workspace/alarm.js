// A buyer waits too long: said in the page, in its title, by a notification and by a sound; also when the tab is hidden.
import { now } from "./clock.js";
import { avatar, byId, el, iconButton, icon } from "./dom.js";
import { shopName, span, t } from "./i18n.js";
import { keyOf, on, state } from "./store.js";

const raised = new Map(); // key -> {at, notification}
const TITLE = document.title;
let sound = null;
let open = () => {};

function beep() {
  if (!sound || sound.state !== "running") return;
  for (const [after, pitch] of [[0, 880], [0.18, 1175]]) {
    const tone = sound.createOscillator();
    const level = sound.createGain();
    const at = sound.currentTime + after;
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(0.0001, at);
    level.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
    level.gain.exponentialRampToValueAtTime(0.0001, at + 0.16);
    tone.connect(level).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.18);
  }
}

const isAllowed = () => "Notification" in window && Notification.permission === "granted";

function notify(key, conversation) {
  if (!isAllowed() || (!document.hidden && document.hasFocus())) return null;
  const shop = state.shops.get(conversation.shop);
  const about = t("alarm_body", { buyer: conversation.buyer.name || t("a_buyer"), time: span((now() - Date.parse(conversation.waiting_since)) / 1000) });
  const notification = new Notification(`${shopName(shop)}`, { body: about, tag: key, requireInteraction: true });
  notification.onclick = () => {
    window.focus();
    open(conversation.shop, conversation.id);
    notification.close();
  };
  return notification;
}

function drop(key) {
  const alarm = raised.get(key);
  if (!alarm) return;
  alarm.notification?.close();
  raised.delete(key);
  draw();
}

function banner(key, others) {
  const conversation = state.conversations.get(key);
  const shop = state.shops.get(conversation.shop);
  const waits = span((now() - Date.parse(conversation.waiting_since)) / 1000);
  const go = el("button", { type: "button", class: "small primary", onclick: () => open(conversation.shop, conversation.id) }, t("answer_now"));
  return el("p", { class: "alarm" }, avatar(shop), el("span", { class: "waits" }, t("alarm_line", { shop: shopName(shop), buyer: conversation.buyer.name || t("a_buyer"), time: waits })), others > 0 && el("span", { class: "others" }, t("more_alarms", { count: others })), go, iconButton("close", t("dismiss"), () => drop(key), "icon quiet small"));
}

function draw() {
  const keys = [...raised.keys()].filter((key) => state.conversations.has(key) && key !== state.open);
  byId("alarms").replaceChildren(...(keys.length ? [banner(keys[0], keys.length - 1)] : []));
  document.title = raised.size ? `⏰ ${raised.size} · ${TITLE}` : TITLE;
}

export function raise({ shop, conversation }) {
  const key = keyOf(shop, conversation);
  const known = state.conversations.get(key);
  if (!known?.waiting_since || raised.has(key)) return;
  raised.set(key, { notification: notify(key, known) });
  beep();
  draw();
}

function drawBell() {
  const bell = byId("bell");
  const on = isAllowed() && sound?.state === "running";
  bell.replaceChildren(icon(on ? "bell" : "bellOff"));
  bell.setAttribute("aria-pressed", String(Boolean(on)));
  bell.title = on ? t("alarms_on") : t("alarms_off");
  bell.setAttribute("aria-label", bell.title);
}

/** Browsers want a click for the sound and for the question whether notifications may be shown. */
async function allow() {
  sound ??= new AudioContext();
  await sound.resume();
  if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  drawBell();
  beep();
}

export function startAlarms(openThread) {
  open = openThread;
  byId("bell").addEventListener("click", allow);
  document.addEventListener("pointerdown", () => isAllowed() && !sound && allow(), { once: true });
  on("conversation", ({ key, conversation }) => {
    const stillMine = !conversation.assignee || conversation.assignee === state.me?.id;
    if (!conversation.waiting_since || conversation.state !== "open" || !stillMine) drop(key);
  });
  on("open", (key) => key && drop(key));
  on("shop-lost", (shop) => {
    for (const key of [...raised.keys()]) if (key.startsWith(`${shop}/`)) drop(key);
  });
  on("queue", () => raised.size && draw());
  drawBell();
}
