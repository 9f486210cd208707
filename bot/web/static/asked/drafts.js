// Drafts that wait for an owner, agents' kept replies among them: published, edited or deleted.
import { call, make, words } from "../accounts/requests.js";
import { ask } from "../shared/asking.js";
import { at, base, number } from "../shared/shop_page.js";
import { settle } from "./pieces.js";

let reload = null;

// The version goes along: what somebody else changed meanwhile is not overwritten.
const publish = ({ version, ...entry }) => settle(
  () => call("PUT", `${base}/entries/${encodeURIComponent(entry.id)}`, { ...entry, status: "published" }, { "If-Match": String(version) }),
  words.published,
  reload,
);

async function discard(entry) {
  if (!(await ask({ text: entry.question || entry.reply }))) return;
  await settle(() => call("DELETE", `${base}/entries/${encodeURIComponent(entry.id)}`), words.discarded, reload);
}

function row(entry) {
  const editor = `${base}/entries#e=${encodeURIComponent(entry.id)}`;
  return make("tr", {},
    make("td", { dir: "auto" }, make("a", { href: editor }, entry.question || entry.id)),
    make("td", { class: "reply", dir: "auto" }, entry.reply || Object.values(entry.cases)[0] || ""),
    make("td", { class: "buttons" },
      make("button", { type: "button", class: "small primary", onclick: () => publish(entry) }, words.publish),
      make("button", { type: "button", class: "small", onclick: () => discard(entry) }, words.discard)));
}

export function showDrafts(drafts, again) {
  reload = again;
  at("drafts").replaceChildren(...drafts.map(row));
  at("drafts-card").hidden = drafts.length === 0;
  at("no-drafts").hidden = drafts.length > 0;
  at("draft-count").hidden = drafts.length === 0;
  at("draft-count").textContent = number(drafts.length);
}
