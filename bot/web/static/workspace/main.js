// The workspace: puts its parts together and starts them.
import { startActions } from "./actions.js";
import { startAlarms } from "./alarm.js";
import { call, csrfToken, put, useSession } from "./api.js";
import { startCards } from "./cards.js";
import { focusComposer, startComposer } from "./composer.js";
import { byId } from "./dom.js";
import { startDrafts } from "./drafts.js";
import { startGuard } from "./guard.js";
import { t } from "./i18n.js";
import { startKeys } from "./keys.js";
import { askWho, connection, onSignedOut, receive } from "./live.js";
import { startMachine } from "./machine.js";
import { startNotices } from "./notices.js";
import * as opening from "./opening.js";
import { startPasting } from "./pasting.js";
import { startPhrases } from "./phrases.js";
import { startPictures } from "./pictures.js";
import { focusQueue, startQueue } from "./queue.js";
import { startSearch } from "./searching.js";
import * as sending from "./sending.js";
import { LiveSocket } from "./socket.js";
import { forgetAll, on, state, tell } from "./store.js";
import { startSuggestions } from "./suggestions.js";
import { showMessage, startThread } from "./thread.js";
import * as typing from "./typing.js";
import { startUndoing } from "./undoing.js";

const LIVE = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live`;
let socket;

function leave() {
  socket?.end();
  useSession("");
  forgetAll();
  location.replace(`/login?next=${encodeURIComponent("/workspace")}`);
}

async function open(shop, conversation, number) {
  const showing = opening.openThread(shop, conversation);
  focusComposer();
  await showing;
  if (number) showMessage(number);
}

function connect() {
  socket = new LiveSocket(LIVE, { hello: () => ({ csrf: csrfToken(), feeds: state.feeds }), receive, changed: connection });
  for (const part of [opening, sending, typing]) part.useSocket(socket);
  onSignedOut(leave);
}

async function setPresence() {
  const chosen = byId("presence").value;
  if (socket.send({ type: "presence", state: chosen })) return;
  try {
    await put("/presence", { state: chosen });
  } catch (error) {
    tell("problem", error);
  }
}

/** On a narrow page one column shows at a time; the browser's back button leads from the thread to the list. */
function followHistory() {
  const narrow = matchMedia("(max-width: 760px)");
  on("open", (key) => {
    document.body.classList.toggle("in-thread", Boolean(key));
    document.body.classList.remove("in-side");
    if (key && narrow.matches && !history.state?.thread) history.pushState({ thread: true }, "");
    if (!key && !narrow.matches) focusQueue();
  });
  addEventListener("popstate", () => document.body.classList.contains("in-thread") && narrow.matches && opening.closeThread());
  byId("act-side").addEventListener("click", () => {
    const shown = document.body.classList.toggle("in-side");
    byId("act-side").setAttribute("aria-expanded", String(shown));
  });
  byId("side-close").addEventListener("click", () => document.body.classList.remove("in-side"));
}

/** A page that the browser kept for its back button must show nothing that may have been taken away meanwhile. */
function forgetWhenLeft() {
  addEventListener("pagehide", () => {
    socket.end();
    forgetAll();
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

async function signOut() {
  try {
    await call("DELETE", "/session");
    leave();
  } catch (error) {
    tell("problem", error);
  }
}

async function begin() {
  useSession("", leave);
  try {
    const answer = await askWho();
    if (answer.account.must_change_password) return location.replace("/account");
    byId("me-name").textContent = answer.account.name;
    byId("no-shops").hidden = answer.shops.length > 0;
    document.querySelector("[data-admin]").hidden = !answer.account.is_admin;
    socket.connect();
    const [shop, conversation] = location.hash.slice(1).split("/").map(decodeURIComponent);
    if (conversation) open(shop, conversation);
  } catch (error) {
    if (error.status === 401) return undefined;
    tell("problem", { message: t("reconnecting") });
    setTimeout(begin, 3000);
  }
  return undefined;
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
startNotices();
connect();
for (const start of [opening.startOpening, startThread, startMachine, startDrafts, startPictures, startPhrases, startComposer, startGuard, startSuggestions, startCards, startActions, sending.startSending, startUndoing, startPasting]) start();
startQueue(open);
startSearch(open);
startAlarms(open);
startKeys(open);
followHistory();
forgetWhenLeft();
byId("presence").addEventListener("change", setPresence);
byId("sign-out").addEventListener("click", signOut);
begin();
