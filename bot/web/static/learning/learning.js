// What agents did with the shop's suggestions, and the drafts that wait for the owner.
import { call, fill, make, say, whoAmI, words } from "../accounts/requests.js";
import { ask } from "../shared/asking.js";
import { showSome } from "../shared/first_rows.js";
import { at, base, number, percent, settle, tell } from "../shared/shop_page.js";

const mayEdit = "mayEdit" in document.body.dataset;
let asked = 0;

const share = (part, whole) => percent(part / whole);

function tile(name, count, note = "") {
  return make("div", {}, make("dt", {}, name), make("dd", { class: "count" }, number(count)), make("dd", { class: "share" }, note));
}

function showTiles(found) {
  const deeds = found.suggestions;
  at("tiles").replaceChildren(
    tile(words.messages, found.messages),
    tile(words.offered, found.offered, fill(words.of_messages, { share: share(found.offered, found.messages) })),
    tile(words.sent, deeds.sent, fill(words.of_replies, { share: share(deeds.sent, found.replies) })),
    tile(words.taken, deeds.taken, fill(words.of_offered, { share: share(deeds.taken, found.offered) })),
    tile(words.edited, deeds.edited, deeds.share_changed === null ? "" : fill(words.changed_by, { share: percent(deeds.share_changed) })),
    tile(words.refused, deeds.refused, fill(words.of_offered, { share: share(deeds.refused, found.offered) })),
    tile(words.none_fits, found.none_fits),
    tile(words.unanswered, found.unanswered, fill(words.of_messages, { share: share(found.unanswered, found.messages) })),
  );
  at("tiles").removeAttribute("aria-busy");
}

function entryRow(entry) {
  const state = entry.status === "draft" || entry.status === "archived" ? make("span", { class: "chip" }, words[entry.status]) : null;
  const name = entry.status === "deleted" ? `${entry.id} ${words.deleted}` : entry.question;
  const counts = [entry.shown, entry.first, entry.taken, entry.edited].map(number);
  const cells = [...counts, percent(entry.share_changed), number(entry.refused), percent(entry.share_right)];
  const reasons = entry.reasons.map((each) => `${each.reason} ${number(each.count)}`).join(" · ");
  return make("tr", {}, make("td", { title: entry.id }, name, " ", state), ...cells.map((text) => make("td", { class: "number" }, text)), make("td", { class: "soft small" }, reasons));
}

function showEntries(entries) {
  showSome(at("entries"), at("all-entries"), entries, entryRow);
  at("no-entries").hidden = entries.length > 0;
}

async function showFigures() {
  const turn = ++asked;
  const days = Number(at("period").value);
  try {
    const found = await call("GET", `${base}/suggestion-figures?days=${days}`);
    if (turn !== asked) return; // another period was chosen meanwhile
    say(at("problem"), "");
    showTiles(found);
    showEntries(found.entries);
  } catch (error) {
    tell(error);
  }
}

// The version goes along: what somebody else changed meanwhile is not overwritten.
const publish = (entry) => settle(async () => {
  const { version, ...document } = entry;
  await call("PUT", `${base}/entries/${encodeURIComponent(entry.id)}`, { ...document, status: "published" }, { "If-Match": String(version) });
}, words.published, showDrafts);

async function discard(entry) {
  if (!(await ask({ text: entry.question }))) return;
  await settle(() => call("DELETE", `${base}/entries/${encodeURIComponent(entry.id)}`), words.discarded, showDrafts);
}

function draftRow(entry) {
  const buttons = make("td", { class: "buttons" },
    make("button", { type: "button", class: "small primary", onclick: () => publish(entry) }, words.publish),
    make("button", { type: "button", class: "small", onclick: () => discard(entry) }, words.discard));
  return make("tr", {}, make("td", {}, entry.question), make("td", { class: "reply" }, entry.reply), buttons);
}

async function showDrafts() {
  if (!mayEdit) return;
  try {
    const drafts = (await call("GET", `${base}/entries`)).entries.filter((entry) => entry.status === "draft");
    at("drafts").replaceChildren(...drafts.map(draftRow));
    at("no-drafts").hidden = drafts.length > 0;
    at("draft-count").hidden = drafts.length === 0;
    at("draft-count").textContent = number(drafts.length);
  } catch (error) {
    tell(error);
  }
}

at("period").addEventListener("change", showFigures);
try {
  await whoAmI();
  await Promise.all([showFigures(), showDrafts()]);
} catch (error) {
  tell(error);
}
