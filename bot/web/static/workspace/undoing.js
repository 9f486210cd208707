// For five seconds after sending, a bar with which the message is taken back.
import { avatar, byId, el } from "./dom.js";
import { t } from "./i18n.js";
import { undo } from "./sending.js";
import { on, state } from "./store.js";
import { now } from "./clock.js";

const HOLD = 5000;
const shown = new Map();

function barOf(item) {
  const bar = el(
    "div",
    { class: "undo", "data-shop": item.shop },
    avatar(state.shops.get(item.shop)),
    el("span", { class: "what", dir: "auto" }, item.text || t("image_word")),
    el("span", { class: "rest" }),
    el("button", { type: "button", class: "small", onclick: () => undo(item.key) }, t("undo"), el("kbd", {}, "Alt+Z")),
    el("i", { class: "left", "aria-hidden": "true" }),
  );
  return bar;
}

function draw() {
  for (const [key, bar] of [...shown]) {
    if (state.outgoing.has(key)) continue;
    bar.remove();
    shown.delete(key);
  }
  for (const [key, item] of state.outgoing) {
    if (!state.shops.has(item.shop)) continue;
    if (!shown.has(key)) {
      shown.set(key, barOf(item));
      byId("undo-bars").append(shown.get(key));
    }
    const bar = shown.get(key);
    const waits = item.status === "waiting";
    bar.querySelector(".rest").textContent = waits ? t("waiting_for_network") : item.until ? t("can_undo") : t("sending");
    bar.querySelector("button").disabled = !waits && (item.isUndoing || (item.until ? item.until <= now() : true));
    bar.classList.toggle("running", Boolean(item.until));
    if (item.until && !bar.dataset.runs) {
      bar.dataset.runs = "1";
      bar.querySelector(".left").animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], { duration: Math.max(1, Math.min(HOLD, item.until - now())), fill: "forwards" });
      setTimeout(draw, Math.max(1, item.until - now() + 50));
    }
  }
}

export function startUndoing() {
  on("outgoing", draw);
  on("shop-lost", draw);
}
