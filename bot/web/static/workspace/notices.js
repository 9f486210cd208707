// Short words at the foot of the page; problems stay until they are read, and are said aloud.
import { byId, el, iconButton } from "./dom.js";
import { t } from "./i18n.js";
import { on } from "./store.js";

const SHORT = 2600;
const LONG = 9000;

function show(text, kind) {
  const box = byId(kind === "bad" ? "problems" : "says");
  const node = el("p", { class: `toast ${kind}` }, el("span", {}, text));
  const leave = () => node.remove();
  if (kind === "bad") node.append(iconButton("close", t("dismiss"), leave, "icon quiet small"));
  box.replaceChildren(...[...box.children].slice(-2), node);
  setTimeout(leave, kind === "bad" ? LONG : SHORT);
}

export function startNotices() {
  on("shop-lost", () => {
    for (const id of ["says", "problems"]) byId(id).replaceChildren(); // they may name the shop or its buyers
  });
  on("say", (text) => show(text, "good"));
  on("problem", (error) => {
    const fields = Object.values(error?.fields ?? {});
    show(fields.length ? String(fields[0]) : error?.message || t("offline"), "bad");
  });
}
