// The side panel: one shop, a buyer's words in, replies out. Two keys a message: paste, then 1.
import { element } from "../shared/element.js";
import { Host } from "./host.js";
import { Session, SignedOut } from "./session.js";

const words = document.getElementById("words").dataset;
const shop = document.body.dataset.shop;
const MAX_HISTORY = 20;
const MAX_BUYERS = 200; // a shift's worth; the oldest is forgotten
const KEYS = ["1", "2", "3"];
const at = (id) => document.getElementById(id);
const session = new Session(shop);
const inboxes = new Map(); // where the host's conversation is → whose it is
const buyers = new Map(); // buyer's id → turns so far
let buyer = { id: "", name: "" };
let item = "";
let asked = 0;
let shown = [];
let opened; // settles when we know whether the shop is ours to ask

const host = new Host((document.body.dataset.origins || "").split(" ").filter(Boolean), hear);

function say(text) {
  at("status").textContent = text;
}

function turns() {
  if (!buyers.has(buyer.id)) {
    buyers.set(buyer.id, []);
    if (buyers.size > MAX_BUYERS) buyers.delete(buyers.keys().next().value);
  }
  return buyers.get(buyer.id);
}

async function hear(message) {
  if (message.buyer.id !== buyer.id || (message.place && !message.text)) clear();
  buyer = message.buyer;
  item = message.item;
  if (message.place && !(await isOurs(message.place))) return;
  if (message.history) buyers.set(buyer.id, message.history.slice(-MAX_HISTORY));
  if (message.text) ask(message.text);
}

/** Whether the conversation in view is of this shop's inbox; a host's tab shows whichever the agent opens. */
async function isOurs(place) {
  const turn = ++asked;
  await opened;
  if (turn !== asked || at("work").hidden) return false;
  const key = JSON.stringify(place);
  if (!inboxes.has(key)) inboxes.set(key, session.call(`/api/v1/shops/${shop}/inbox-owner`, place));
  try {
    const { owner, name } = await inboxes.get(key);
    if (turn !== asked) return false;
    if (owner !== "other") return true;
    clear();
    at("warnings").replaceChildren(element("p", "notice warn", name ? words.otherInbox.replace("{shop}", name) : words.strangeInbox));
  } catch (error) {
    inboxes.delete(key);
    if (turn === asked) fail(error);
  }
  return false;
}

function fail(error) {
  if (error instanceof SignedOut) gate(words.expired);
  else say(error.status === 404 ? words.noAccess : error.status === 422 ? error.message : words.offline);
}

function clear() {
  asked += 1;
  shown = [];
  at("suggestions").replaceChildren();
  at("warnings").replaceChildren();
  at("asked").hidden = true;
  at("text").value = "";
  say("");
}

async function ask(text) {
  const question = text.trim();
  if (!question) return;
  const turn = ++asked;
  await opened; // words may come before we know who asks
  if (turn !== asked || at("work").hidden) return;
  const history = turns().slice(-MAX_HISTORY);
  turns().push({ role: "buyer", text: question });
  shown = [];
  at("asked").hidden = false;
  at("restart").hidden = host.origin !== null; // who is spoken with is the host's to say
  at("buyer-name").textContent = buyer.name || words.conversation;
  at("said").textContent = question;
  at("suggestions").replaceChildren(element("p", "note", words.thinking));
  at("warnings").replaceChildren();
  say("");
  try {
    const [result, { elsewhere }] = await Promise.all([
      session.call(`/api/v1/shops/${shop}/suggestions`, { text: question, history, viewed: item, conversation: "" }),
      session.call(`/api/v1/shops/${shop}/elsewhere`, { text: question }),
    ]);
    if (turn !== asked) return;
    warn(elsewhere);
    show(result);
  } catch (error) {
    if (turn !== asked) return;
    at("suggestions").replaceChildren();
    fail(error);
  }
}

function warn(elsewhere) {
  at("warnings").replaceChildren(
    ...elsewhere.map((found) => {
      const text = found.kind === "item" ? words.elsewhereItem : words.elsewhereOrder;
      return element("p", "notice warn", text.replace("{number}", found.number).replace("{shop}", found.name));
    }),
  );
}

function show(result) {
  shown = result.suggestions;
  if (!shown.length) {
    const text = result.reason === "acknowledgement" ? words.silent : words.nothing;
    at("suggestions").replaceChildren(element("p", "note", text));
    return;
  }
  at("suggestions").replaceChildren(...shown.map(card));
}

function card(suggestion, place) {
  const node = element("article", place === 0 ? "suggestion first" : "suggestion");
  const key = element("kbd", "", KEYS[place]);
  const text = element("p", "reply", suggestion.text);
  const share = `${Math.min(99, Math.round(suggestion.confidence * 100))}%`;
  const line = element("p", "line");
  line.append(element("span", "confidence", `${words.confidence} ${share}`), element("span", "entry", suggestion.parts.map((part) => part.entry).join(" + ")));
  const facts = element("ul", "facts");
  for (const fact of suggestion.facts) {
    const when = new Date(fact.as_of).toLocaleString(words.htmlLang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
    const row = element("li", fact.stale ? "stale" : "", `${fact.value} · ${words.asOf} ${when}`);
    if (fact.stale) row.append(element("strong", "", ` ${words.stale}`));
    facts.append(row);
  }
  const copy = element("button", "primary small", host.canInsert ? words.insert : words.copy);
  copy.type = "button";
  copy.prepend(key);
  copy.addEventListener("click", () => use(place));
  const refuse = element("button", "quiet small", words.notHelpful);
  refuse.type = "button";
  refuse.addEventListener("click", async () => {
    node.classList.add("refused");
    refuse.disabled = true;
    await react(suggestion, "refused");
    say(words.thanks);
  });
  const actions = element("div", "row");
  actions.append(refuse, copy);
  node.append(text, ...(suggestion.image ? [picture(suggestion.image)] : []), line, facts, actions);
  return node;
}

/** Opens beside the panel: a page that embeds us cannot be given a file. */
function picture(image) {
  const link = element("a", "entry", words.picture);
  link.href = `/api/v1/shops/${shop}/entry-images/${encodeURIComponent(image)}`;
  link.target = "_blank";
  link.rel = "noopener";
  return link;
}

async function use(place) {
  const suggestion = shown[place];
  if (!suggestion) return;
  if (host.canInsert) {
    host.insert(suggestion.text, suggestion.id);
    say(words.inserted);
  } else if (await copied(suggestion.text)) say(words.copied);
  else {
    say(words.copyFailed);
    return;
  }
  at("suggestions").children[place]?.classList.add("used");
  turns().push({ role: "agent", text: suggestion.text });
  await react(suggestion, "taken");
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page that embeds us may not pass the permission on: the old way needs none.
    const field = element("textarea", "hidden", text);
    document.body.append(field);
    field.select();
    const worked = document.execCommand("copy");
    field.remove();
    return worked;
  }
}

async function react(suggestion, reaction) {
  try {
    await session.call(`/api/v1/shops/${shop}/suggestions/${suggestion.id}/reaction`, { kind: reaction });
  } catch {
    // What was learned from one click is no reason to disturb.
  }
}

function gate(text) {
  at("work").hidden = true;
  at("gate").hidden = false;
  at("gate-text").textContent = host.embedded ? words.connectLead : text;
  at("gate-button").hidden = !host.embedded;
  const link = at("gate-link");
  link.hidden = host.embedded;
  link.textContent = words.signIn;
  link.href = `/login?next=${encodeURIComponent(location.pathname)}`;
}

async function open() {
  try {
    const mine = await session.open();
    if (!mine) {
      gate(words.noAccess);
      at("gate-button").hidden = at("gate-link").hidden = true;
      return;
    }
    at("head").style.setProperty("--shop", mine.colour);
    at("avatar").textContent = mine.avatar;
    at("shop-name").textContent = words.lang === "en" && mine.name_en ? mine.name_en : mine.name;
    document.title = at("shop-name").textContent;
    at("gate").hidden = true;
    at("work").hidden = false;
    host.start(shop);
  } catch (error) {
    if (error instanceof SignedOut) gate(words.signInLead);
    else say(words.offline);
  }
}

function isTyping(target) {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;
}

document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!text.trim()) return;
  event.preventDefault();
  at("text").blur();
  if (text.length > at("text").maxLength) say(words.tooLong);
  else ask(text);
});
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      at("ask").requestSubmit();
    }
    return;
  }
  const place = KEYS.indexOf(event.key);
  if (place >= 0 && shown[place]) {
    event.preventDefault();
    use(place);
  }
});
at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value;
  at("text").value = "";
  at("text").blur(); // the next key is 1, not a letter
  ask(text);
});
at("restart").addEventListener("click", () => {
  buyers.delete(buyer.id);
  clear();
});
at("gate-button").addEventListener("click", async () => {
  try {
    await session.connect();
    await (opened = open());
  } catch {
    say(words.popupBlocked);
  }
});
window.addEventListener("pageshow", (event) => event.persisted && (opened = open()));
opened = open();
