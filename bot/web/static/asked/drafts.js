// Drafts that wait for an owner, agents' kept replies among them: published, edited or deleted.
import { call, make, say, words } from "../accounts/requests.js";
import { at, base, number, tell } from "./pieces.js";

const dialog = at("dialog");
let reload = null;

async function settle(work, said) {
  try {
    await work();
    await reload();
    say(at("done"), said, "good");
  } catch (error) {
    tell(error);
  }
}

// The version goes along: what somebody else changed meanwhile is not overwritten.
const publish = ({ version, ...entry }) => settle(
  () => call("PUT", `${base}/entries/${encodeURIComponent(entry.id)}`, { ...entry, status: "published" }, { "If-Match": String(version) }),
  words.published,
);

function discard(entry) {
  at("dialog-text").textContent = entry.question || entry.reply;
  at("dialog-yes").onclick = () => {
    dialog.close();
    settle(() => call("DELETE", `${base}/entries/${encodeURIComponent(entry.id)}`), words.discarded);
  };
  dialog.showModal();
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

at("dialog-no").addEventListener("click", () => dialog.close());
