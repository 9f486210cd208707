// Where replies are written: always in sight for which shop.
import { byId, dress, el, iconButton } from "./dom.js";
import { clearDraft, saveSoon } from "./drafts.js";
import * as guard from "./guard.js";
import { shopName, t } from "./i18n.js";
import { originOf } from "./pasting.js";
import { submit as sendMessage } from "./sending.js";
import * as stops from "./stops.js";
import { changed, draftOf, isAnswering, lastBuyerNumber, may, on, openConversation, state, tell, threadOf } from "./store.js";
import { typed } from "./typing.js";

const field = byId("text");
let digit = null; // the digit that was taken for a suggestion's, until the next key

const draftNow = () => (state.open ? draftOf(state.open) : null);
const shopNow = () => state.shops.get(state.open?.split("/")[0]);
export const isEmpty = () => field.value === "";

function write(text) {
  field.focus();
  // The only way in which the browser's own undo keeps what was there.
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    take();
  }
}

/** The picture of a reply of the shop's comes with it, and goes with it; one that the agent chose stays. */
function takePicture(draft, reply) {
  if (!reply?.image || draft.image) return;
  draft.image = reply.image;
  changed("attachment");
}

function leavePicture(draft) {
  if (!draft?.image?.startsWith("e")) return; // an entry's
  draft.image = "";
  changed("attachment");
}

/** Take over what stands in the field. */
function take() {
  const key = state.open;
  const draft = draftNow();
  if (!draft) return;
  const began = !draft.text.trim();
  draft.text = field.value;
  if (!draft.text.trim()) {
    Object.assign(draft, { suggestion: null, phrase: null, stops: [], pasted: [], confirmed: [], since: 0 });
    leavePicture(draft);
  } else if (began) draft.since = lastBuyerNumber(key);
  guard.look(key, draft);
  saveSoon(key);
  typed(Boolean(draft.text));
  drawAround();
}

export function insert(text, suggestion = null) {
  const draft = draftNow();
  if (!draft || !may(shopNow().id, "answer")) return;
  if (suggestion && !draft.text.trim()) draft.suggestion = { id: suggestion.id, text: suggestion.text };
  write(text);
  takePicture(draft, suggestion);
  draft.stops = [...draft.stops, ...stops.stopsIn(text)];
  if (draft.stops.length) {
    field.setSelectionRange(field.value.length - text.length, field.value.length - text.length);
    stops.toNext(field, draft.stops);
  }
  drawAround();
}

/** `phrase` is the shop's entry that the text was looked up as, if it is one. */
export function replaceAll(text, phrase = null) {
  field.focus();
  field.select();
  leavePicture(draftNow());
  insert(text);
  if (!phrase || !draftNow()) return;
  draftNow().phrase = { id: phrase.id, text };
  takePicture(draftNow(), phrase);
}

function drawFindings() {
  const draft = draftNow();
  const findings = draft ? guard.findingsOf(draft) : [];
  guard.paint(byId("backdrop"), field.value, findings);
  byId("findings").replaceChildren(...findings.map((finding) => el("li", {}, el("q", { dir: "auto" }, finding.text.slice(0, 40)), el("span", {}, guard.sayFinding(finding)))));
  byId("composer").classList.toggle("stopped", findings.length > 0);
}

function drawAround() {
  const draft = draftNow();
  const thread = threadOf(state.open);
  byId("again").hidden = !draft || !draft.text.trim() || !draft.since || lastBuyerNumber(state.open) <= draft.since;
  const quoted = draft?.quote && thread?.messages.find((message) => message.number === draft.quote);
  byId("quote-line").hidden = !quoted;
  byId("quote-text").textContent = quoted ? quoted.text.slice(0, 160) || t("image_word") : "";
  const open = draft ? stops.left(draft.text, draft.stops) : [];
  byId("stops-left").hidden = !open.length;
  byId("stops-left").textContent = open.length ? t("stops_left", { count: open.length }) : "";
  byId("send").disabled = !draft || (!draft.text.trim() && !draft.image);
  drawFindings();
}

function bind() {
  const shop = shopNow();
  const conversation = openConversation();
  const able = Boolean(shop && conversation && may(shop.id, "answer"));
  dress(byId("composer"), shop);
  byId("composer").hidden = !able;
  byId("as-shop").textContent = shop ? t("speaking_as", { shop: shopName(shop) }) : "";
  byId("as-avatar").textContent = shop?.avatar ?? "";
  field.setAttribute("aria-label", shop ? t("write_as", { shop: shopName(shop) }) : "");
  const text = draftNow()?.text ?? "";
  if (field.value !== text) field.value = text; // the same text again would end what an input method composes
  changed("attachment");
  drawAround();
}

export async function submit() {
  const key = state.open;
  const draft = draftNow();
  const shop = shopNow();
  if (!draft || !shop || (!draft.text.trim() && !draft.image)) return;
  if (stops.left(draft.text, draft.stops).length) {
    stops.toNext(field, draft.stops);
    tell("say", t("fill_first"));
    return;
  }
  const findings = guard.findingsOf(draft);
  if (findings.length) {
    const agreed = await guard.confirm(shop, findings);
    if (!agreed || state.open !== key) return field.focus();
    draft.confirmed = [...(draft.confirmed ?? []), ...findings.map((finding) => finding.id)];
  }
  const [, conversation] = key.split("/");
  sendMessage({
    shop: shop.id, conversation, text: draft.text.trim(), quotes: draft.quote, image: draft.image, answers: lastBuyerNumber(key),
    suggestion: draft.suggestion?.id, suggestion_text: draft.suggestion?.text, phrase: draft.phrase?.id, phrase_text: draft.phrase?.text, confirmed: (draft.confirmed ?? []).filter((id) => !id.startsWith("paste-")),
  });
  clearDraft(key);
  typed(false);
  bind();
  field.focus();
  return true;
}

/** Send a suggestion as it stands; one with places to fill is put into the field instead. */
export function sendSuggestion(suggestion) {
  if (!isEmpty()) return insert(suggestion.text, suggestion);
  insert(suggestion.text, suggestion);
  return submit();
}

function returned({ key, item, reason }) {
  if (key === state.open) bind();
  const draft = draftOf(key);
  saveSoon(key);
  if (reason?.guard) {
    guard.take(draft, draft.text, reason.guard);
    if (key === state.open) {
      drawFindings();
      if (draft.text === item.text) submit();
    }
  } else if (reason?.error) tell("problem", reason.error);
  if (key === state.open && !byId("confirm").open) field.focus();
}

function onBeforeInput(event) {
  const typedDigit = event.inputType === "insertText" && !event.isComposing && isEmpty() && /^[1-3１-３]$/.test(event.data ?? "");
  const place = typedDigit ? event.data.normalize("NFKC") - 1 : -1;
  const suggestion = typedDigit && !isAnswering(state.open) && state.suggestions.get(state.open)?.result.suggestions[place];
  if (!suggestion) return;
  event.preventDefault();
  insert(suggestion.text, suggestion);
  digit = event.data;
}

function onKey(event) {
  if (event.isComposing || event.keyCode === 229) return;
  const after = digit;
  if (!["Shift", "Control", "Alt", "Meta"].includes(event.key)) digit = null;
  if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey) submit();
  else if (event.key === "Tab" && !event.shiftKey && stops.left(field.value, draftNow()?.stops ?? []).length) stops.toNext(field, draftNow().stops);
  else if (event.key === "Escape" && after) replaceAll(after);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function onPaste(event) {
  const text = event.clipboardData.getData("text/plain");
  const image = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
  if (image && !text) {
    event.preventDefault();
    tell("picture", image);
    return;
  }
  const from = text && originOf(text, shopNow()?.id);
  if (!from) return;
  const pasted = text.replace(/\r\n?/g, "\n");
  const draft = draftNow();
  draft.pasted = [...(draft.pasted ?? []), { text: pasted, shop: from.id, name: shopName(from) }];
}

export function startComposer() {
  field.addEventListener("input", take);
  field.addEventListener("beforeinput", onBeforeInput);
  field.addEventListener("keydown", onKey);
  field.addEventListener("paste", onPaste);
  field.addEventListener("scroll", () => {
    byId("backdrop").scrollTop = field.scrollTop;
  });
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  byId("seen").addEventListener("click", () => {
    draftNow().since = lastBuyerNumber(state.open);
    drawAround();
    field.focus();
  });
  byId("quote-line").append(iconButton("close", t("remove_quote"), () => tell("quote", null), "icon quiet small"));
  on("open", bind);
  on("thread", bind);
  on("header", () => shopNow() && (byId("composer").hidden = !may(shopNow().id, "answer")));
  on("messages", drawAround);
  on("attached", drawAround);
  on("guarded", (key) => key === state.open && drawFindings());
  on("returned", returned);
  on("quote", (message) => {
    if (!draftNow()) return;
    draftNow().quote = message?.number ?? null;
    drawAround();
    field.focus();
  });
}

export const focusComposer = () => field.focus();
