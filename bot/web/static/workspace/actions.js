// What can be done with the open conversation: take, hand over, put aside, close.
import { ofConversation, post } from "./api.js";
import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { closeThread } from "./opening.js";
import { may, on, openConversation, state, takeConversation, tell } from "./store.js";

export async function act(what, body, said) {
  const key = state.open;
  if (!key) return false;
  const [shop, conversation] = key.split("/");
  if (!may(shop, "answer")) return false;
  try {
    const holder = openConversation()?.assignee;
    const over = holder && holder !== state.me.id && may(shop, "assign") ? "?take_over=1" : "";
    takeConversation(await post(`${ofConversation(shop, conversation)}/${what}${over}`, body));
    if (said) tell("say", said);
    return true;
  } catch (error) {
    tell("problem", error);
    return false;
  }
}

export const take = () => act("take", {}, t("taken"));
export const reopen = () => act("reopen", {}, t("reopened"));

export async function close() {
  const conversation = openConversation();
  if (!conversation || conversation.state === "closed") return;
  if (conversation.waiting_since && !(await sure(t("close_waiting")))) return;
  await act("close", {}, t("closed"));
}

function sure(question) {
  const dialog = byId("sure");
  byId("sure-text").textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  byId("sure-no").focus();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

/** Handing over and putting aside ask back first: their dialogs are loaded with the first thread. */
const asking = (what) => async () => (await import("./later/handing.js"))[what]();
export const handOver = asking("handOver");
export const putAside = asking("putAside");

export function startActions() {
  byId("act-take").addEventListener("click", take);
  byId("act-hand").addEventListener("click", handOver);
  byId("act-aside").addEventListener("click", putAside);
  byId("act-close").addEventListener("click", close);
  byId("act-reopen").addEventListener("click", reopen);
  byId("act-back").addEventListener("click", closeThread);
  byId("sure-yes").addEventListener("click", () => byId("sure").close("yes"));
  byId("sure-no").addEventListener("click", () => byId("sure").close("no"));
  on("open", () => {
    import("./later/handing.js").catch(() => {});
    for (const id of ["hand", "aside", "sure"]) if (byId(id).open) byId(id).close();
    byId("colleagues").replaceChildren();
  });
}
