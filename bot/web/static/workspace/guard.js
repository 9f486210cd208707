// What the guard says of the text being written: marked in the field, and asked about before it leaves.
import { path, post } from "./api.js";
import { byId, dress, el } from "./dom.js";
import { shopName, t } from "./i18n.js";
import { on, state, tell } from "./store.js";

const PAUSE = 350;
let timer = 0;
let asking = null;

/** The guard counts characters, the browser half of them for emoji. */
function inUnits(text, findings) {
  const places = [0];
  for (const character of text) places.push(places.at(-1) + character.length);
  return findings.map((finding) => ({ ...finding, start: places[finding.start] ?? text.length, end: places[finding.end] ?? text.length }));
}

export function take(draft, text, result) {
  draft.guard = { text, verdict: result.verdict, findings: inUnits(text, result.findings ?? []) };
}

/** Ask about the draft's text after a pause in typing. */
export function look(key, draft) {
  clearTimeout(timer);
  asking?.abort();
  const text = draft.text;
  if (!text.trim()) {
    draft.guard = null;
    return;
  }
  timer = setTimeout(async () => {
    asking = new AbortController();
    const [shop, conversation] = key.split("/");
    try {
      const result = await post(path`/shops/${shop}/guard`, { text, conversation }, { signal: asking.signal });
      if (!state.shops.has(shop) || draft.text !== text) return;
      take(draft, text, result);
      tell("guarded", key);
    } catch {
      // not checked now: the server reads every text again before it leaves
    }
  }, PAUSE);
}

function pastedFindings(draft) {
  return (draft.pasted ?? [])
    .map(({ text, shop, name }) => ({ id: `paste-${shop}-${text.length}-${text.slice(0, 12)}`, kind: "paste", text, shop_name: name, start: draft.text.indexOf(text), end: draft.text.indexOf(text) + text.length }))
    .filter((finding) => finding.start >= 0);
}

/** All that stands against the text as it is now. */
export function findingsOf(draft) {
  const checked = draft.guard?.text === draft.text ? draft.guard.findings : [];
  const confirmed = new Set(draft.confirmed ?? []);
  return [...checked, ...pastedFindings(draft)].filter((finding) => !confirmed.has(finding.id)).sort((a, b) => a.start - b.start);
}

export function sayFinding(finding) {
  const whose = finding.shop_name ? t("belongs_to", { shop: finding.shop_name }) : t("belongs_elsewhere");
  if (finding.kind === "forbidden" || finding.kind === "contact" || finding.kind === "paste") return t(`finding_${finding.kind}`, { shop: finding.shop_name ?? "" });
  return `${t(`finding_${finding.kind}`)} · ${whose}`;
}

/** Draw the marks behind the field, with the very text that stands in it. */
export function paint(backdrop, text, findings) {
  const nodes = [];
  let place = 0;
  for (const { start, end, kind } of findings) {
    if (start < place) continue;
    nodes.push(text.slice(place, start), el("mark", { class: kind }, text.slice(start, end)));
    place = end;
  }
  backdrop.replaceChildren(...nodes, `${text.slice(place)}\n`);
}

let answer = null;

/** Ask once more, deliberately: what is focused is the way back. Resolves to whether the text shall leave. */
export function confirm(shop, findings) {
  const dialog = dress(byId("confirm"), shop);
  byId("confirm-shop").textContent = t("confirm_lead", { shop: shopName(shop) });
  byId("confirm-list").replaceChildren(...findings.map((finding) => el("li", {}, el("q", { dir: "auto" }, finding.text.slice(0, 120)), el("span", { class: "soft" }, sayFinding(finding)))));
  byId("confirm-send").textContent = t("confirm_send", { shop: shopName(shop) });
  answer?.(false);
  return new Promise((resolve) => {
    answer = resolve;
    dialog.returnValue = "";
    dialog.showModal();
    byId("confirm-back").focus();
  });
}

export function startGuard() {
  const dialog = byId("confirm");
  dialog.addEventListener("close", () => {
    answer?.(dialog.returnValue === "send");
    answer = null;
  });
  byId("confirm-back").addEventListener("click", () => dialog.close("back"));
  byId("confirm-send").addEventListener("click", () => dialog.close("send"));
  on("shop-lost", () => {
    if (dialog.open) dialog.close("back");
    dress(dialog, null);
    for (const id of ["confirm-shop", "confirm-list", "confirm-send"]) byId(id).replaceChildren();
  });
}
