// The buyer's chat page.

import { Identity } from "./identity.js";
import { Line } from "./line.js";
import { Outbox } from "./outbox.js";
import { Pictures, prepared } from "./pictures.js";
import { Thread } from "./thread.js";

const TYPING_EVERY = 3000;
const TYPING_LASTS = 7000;
const $ = (id) => document.getElementById(id);
const page = document.body;
const words = $("words").dataset;
const shop = page.dataset.shop;
const limit = Number(page.dataset.limit);
const text = $("text"), scroll = $("scroll");
const embedded = window.parent !== window;
const identity = new Identity(shop);
let product = new URLSearchParams(location.search).get("product") ?? "";
let shown = true, unread = 0, earlier = "", reading = false, isOpen = true, hours = [];

page.style.setProperty("--shop", page.dataset.colour);

const pictures = new Pictures(shop, identity);
const thread = new Thread($("thread"), words, pictures, {
  retry: (item) => outbox.retry(item.key),
  remove: (item) => outbox.remove(item.key),
  edit: (item) => { outbox.remove(item.key); text.value = item.text; measure(); text.focus(); },
  enlarge: (address) => { $("large-image").src = address; $("large").showModal(); },
  grown: () => { if (following) toEnd(); },
});
const outbox = new Outbox({ line: () => line, identity, upload, show: () => draw() });
const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const line = new Line(`${scheme}//${location.host}/chat/${shop}/live`, () => ({ token: identity.token, product }), hear, tellState);

// Scrolling: who is at the end stays there; who reads further up is told that something came.
let following = true;
const toEnd = () => { scroll.scrollTop = scroll.scrollHeight; };
scroll.addEventListener("scroll", () => {
  following = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
  if (following) $("below").hidden = true;
  if (scroll.scrollTop < 40 && earlier) readEarlier();
}, { passive: true });
new ResizeObserver(() => { if (following) toEnd(); }).observe(scroll);
$("below").addEventListener("click", toEnd);

function draw() {
  const height = scroll.scrollHeight, top = scroll.scrollTop;
  thread.show(outbox.items, !earlier);
  if (reading) scroll.scrollTop = top + scroll.scrollHeight - height;
  else if (following) toEnd();
}

function tellState(connected) {
  $("offline").hidden = connected || !thread.size && !outbox.items.length && !wasConnected;
  wasConnected ||= connected;
  if (!connected) { typing(false); outbox.lost(); }
  $("state").textContent = connected ? stateText() : words.connecting;
}
let wasConnected = false;

const stateText = () => (isOpen || !hours.length ? words.service : `${words.hours} ${hoursText()}`);

function tellHours(open) {
  isOpen = open;
  $("closed").hidden = open;
  $("closed").textContent = hours.length ? `${words.closed} ${words.hours}: ${hoursText()}` : words.closed;
  $("state").textContent = stateText();
}

function hoursText() {
  const lang = words.htmlLang, day = (weekday) => new Date(2024, 0, 1 + weekday).toLocaleDateString(lang, { weekday: "short" });
  const of = new Map();
  for (const { weekday, since, until } of hours) of.set(weekday, [...(of.get(weekday) ?? []), `${since}–${until}`]);
  const runs = [];
  for (const [weekday, spans] of [...of].sort((a, b) => a[0] - b[0])) {
    const last = runs.at(-1), said = spans.join(" ");
    if (last && last.to === weekday - 1 && last.said === said) last.to = weekday; else runs.push({ from: weekday, to: weekday, said });
  }
  return runs.map(({ from, to, said }) => `${from === to ? day(from) : `${day(from)}–${day(to)}`} ${said}`).join(lang === "en" ? ", " : "，");
}

function hear(said) {
  if (said.type === "welcome") welcome(said);
  else if (said.type === "message") takeIn([said.message]);
  else if (said.type === "earlier") takeEarlier(said);
  else if (said.type === "typing") typing(said.on);
  else if (said.type === "pong") { if (said.open !== isOpen) tellHours(said.open); }
  else if (said.type === "error") refused(said);
}

function welcome({ token, messages, earlier: before, open, hours: opening }) {
  identity.token = token;
  $("fleeting").hidden = identity.lasting;
  hours = opening;
  tellHours(open);
  // So much was missed that it does not join on to what stands here: begin anew, the rest is read by scrolling up.
  if (thread.size && before && !messages.some((bubble) => thread.has(bubble.id))) thread.clear();
  if (!thread.size) earlier = before;
  thread.welcome(words.greeting);
  takeIn(messages, !wasWelcomed);
  wasWelcomed = true;
  $("earlier").hidden = !earlier;
  outbox.pump();
}
let wasWelcomed = false;

function takeIn(bubbles, isHistory = false) {
  const fresh = thread.take(bubbles);
  for (const bubble of bubbles) if (bubble.key) outbox.taken(bubble.key);
  draw();
  const theirs = fresh.filter((bubble) => !bubble.mine).length;
  if (!theirs || isHistory) return;
  typing(false);
  if (!following) $("below").hidden = false;
  if (!shown || document.hidden) { unread += theirs; tellUnread(); }
}

function readEarlier() {
  if (reading || !earlier) return;
  reading = line.say({ type: "earlier", before: earlier });
}

function takeEarlier({ messages, earlier: before }) {
  thread.take(messages);
  earlier = before;
  $("earlier").hidden = !earlier;
  draw();
  reading = false;
}
$("earlier").addEventListener("click", readEarlier);

function refused({ key, code, message, retry_after: retryAfter }) {
  reading = false;
  const problem = { too_fast: words.tooFast, unavailable: words.unavailable }[code] ?? message;
  if (key) outbox.refused(key, { code, problem, retryAfter });
}

let typingEnd;
function typing(on) {
  clearTimeout(typingEnd);
  $("typing").hidden = !on;
  if (!on) return;
  typingEnd = setTimeout(() => typing(false), TYPING_LASTS);
  if (following) toEnd();
}

let toldTyping = 0, typingPause;
function tellTyping(on) {
  clearTimeout(typingPause);
  if (on) typingPause = setTimeout(() => tellTyping(false), TYPING_LASTS - 2000);
  if (on && Date.now() - toldTyping < TYPING_EVERY || !on && !toldTyping) return;
  toldTyping = on ? Date.now() : 0;
  line.say({ type: "typing", on });
}

// Composer
const length = (value) => Array.from(value).length;

function measure() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 2, 132)}px`;
  const count = length(text.value);
  $("send").disabled = !text.value.trim() || count > limit;
  problem(count > limit ? words.tooLong.replace("{limit}", limit).replace("{count}", count) : "");
}

function problem(said) {
  $("problem").hidden = !said;
  if ($("problem").textContent !== said) $("problem").textContent = said;
}

text.addEventListener("input", () => { measure(); tellTyping(Boolean(text.value.trim())); });
text.addEventListener("keydown", (event) => {
  // The key that ends a Chinese input is not for us (229 where isComposing has ended already).
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  $("composer").requestSubmit();
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const said = text.value.trim();
  if (!said || $("send").disabled) return;
  text.value = "";
  measure();
  tellTyping(false);
  following = true;
  outbox.add({ text: said });
  text.focus();
});

// Images: chosen, pasted or dropped
async function addImages(files) {
  for (const file of files) {
    try {
      following = true;
      outbox.add({ file: await prepared(file, Number(page.dataset.imageLimit)) });
    } catch (error) {
      problem(error.message === "image-large" ? words.imageLarge : words.notImage);
    }
  }
}

async function upload(item) {
  let answer;
  try { answer = await pictures.send(item.file, item.key); }
  catch { outbox.refused(item.key, { code: "unavailable" }); return; }
  const data = await answer.json().catch(() => ({}));
  if (answer.ok) { pictures.keep(data.message.image, item.file); takeIn([data.message]); return; }
  const code = answer.status === 429 ? "too_fast" : answer.status >= 500 ? "unavailable" : "refused";
  outbox.refused(item.key, { code, problem: code === "too_fast" ? words.tooFast : data.error?.message ?? words.notImage, retryAfter: Number(data.error?.fields?.retry_after) || 0 });
}

$("file").addEventListener("change", (event) => { addImages([...event.target.files]); event.target.value = ""; });
text.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  if (files.length) { event.preventDefault(); addImages(files); }
});
addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("Files")) { event.preventDefault(); $("drop").hidden = false; } });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) $("drop").hidden = true; });
addEventListener("drop", (event) => { event.preventDefault(); $("drop").hidden = true; addImages([...event.dataTransfer.files]); });
$("shrink").addEventListener("click", () => $("large").close());
$("large").addEventListener("click", (event) => { if (event.target === $("large")) $("large").close(); });

// The page around us, when we are in a frame: only ever told how many bubbles are unread, and that we want to be folded.
const title = document.title;
function tellUnread() {
  document.title = unread ? `(${unread}) ${title}` : title;
  if (embedded) window.parent.postMessage({ kuaihui: "unread", count: unread }, "*");
}
function looked() { if (unread && shown && !document.hidden) { unread = 0; tellUnread(); } }
document.addEventListener("visibilitychange", looked);
const fold = () => window.parent.postMessage({ kuaihui: "fold" }, "*");
$("fold")?.addEventListener("click", fold);
if (embedded) {
  addEventListener("keydown", (event) => { if (event.key === "Escape" && !$("large").open) fold(); });
  addEventListener("message", (event) => {
    if (event.source !== window.parent || typeof event.data !== "object") return;
    if (event.data?.kuaihui === "shown") { shown = Boolean(event.data.shown); looked(); if (shown && matchMedia("(pointer: fine)").matches) text.focus(); }
    if (event.data?.kuaihui === "viewing" && typeof event.data.product === "string") {
      product = event.data.product;
      line.say({ type: "viewing", product });
    }
  });
}
measure();
draw();
