// Writing one entry: opened, saved at the version that was read, archived, deleted.
import { call, fill, Refused, say, words } from "../accounts/requests.js";
import { clear, read, showWrong, write } from "./form.js";
import { follow } from "./history.js";
import { ask, at, base } from "./pieces.js";
import { refresh, watch } from "./preview.js";
import { review, warn } from "./warnings.js";

const EMPTY = {
  group: "shipping", intent: null, question: "", phrasings: [], reply: "", cases: {}, fallback: "", short_code: "",
  scope: { products: [], categories: [] }, validity: { since: null, until: null, weekly: [] }, language: "zh", status: "draft",
};
const form = at("form");
let opened = null; // the entry as the server has it; version 0 when it is new
let before = "";

const address = () => `${base}/entries/${encodeURIComponent(opened.id)}`;
const present = () => JSON.stringify(read(opened.status));

function look() {
  refresh();
  review();
}

export const isDirty = () => opened !== null && present() !== before;

// The edit for the test box: null when nothing differs from what is saved.
export const edit = () => (opened && isDirty() ? read(opened.status === "archived" ? "published" : opened.status) : null);

function show(entry) {
  opened = entry;
  write(entry, entry.version === 0);
  before = present();
  at("edit-title").textContent = entry.version ? entry.question : words.new;
  at("status-chip").textContent = words[entry.status];
  at("status-chip").hidden = entry.version === 0;
  for (const id of ["delete", "archive"]) at(id).hidden = entry.version === 0 || (id === "archive" && entry.status === "archived");
  at("conflict").hidden = true;
  at("unsaved").hidden = true;
  say(at("form-problem"), "");
  follow(entry.version ? entry.id : null, restore);
}

// What a new entry begins with: phrasings (q=, the first is its question), group and intent, as another page hands them over.
function begun(given) {
  const [question = "", ...phrasings] = given.getAll("q").map((text) => text.trim()).filter(Boolean);
  const group = words[`group_${given.get("group")}`] ? given.get("group") : EMPTY.group;
  return { ...EMPTY, id: `e${Date.now().toString(36)}`, version: 0, question, phrasings, group, intent: given.get("intent") || null };
}

export async function open(id, given = new URLSearchParams()) {
  const entry = id === null ? begun(given) : await call("GET", `${base}/entries/${encodeURIComponent(id)}`);
  show(entry);
  warn(() => read("draft"));
  await watch(() => read("draft"));
}

export function close() {
  opened = null;
  watch(null);
  warn(null);
  follow(null, null);
}

function refuse(error) {
  if (!(error instanceof Refused)) throw error;
  if (error.status === 409 && opened.version) {
    at("conflict-text").textContent = error.message;
    at("conflict").hidden = false;
    at("conflict").scrollIntoView({ block: "nearest" });
    return;
  }
  const rest = showWrong(error.fields);
  const marked = Object.keys(error.fields).length > rest.length;
  say(at("form-problem"), [marked ? words.wrong : "", ...rest].filter(Boolean).join(" ") || error.message, "bad");
}

async function save(status) {
  clear();
  say(at("form-problem"), "");
  try {
    const document = read(status);
    const saved = opened.version
      ? await call("PUT", address(), document, { "If-Match": String(opened.version) })
      : await call("POST", `${base}/entries`, document);
    show(saved);
    history.replaceState(null, "", `#e=${encodeURIComponent(saved.id)}`);
    say(at("done"), words[`saved_${status}`], "good");
    look();
  } catch (error) {
    refuse(error);
  }
}

async function remove() {
  if (!(await ask(words.delete_sure, opened.question, words.yes_delete, words.cancel))) return;
  try {
    await call("DELETE", address());
    opened = null;
    say(at("done"), words.deleted, "good");
    location.hash = "";
  } catch (error) {
    refuse(error);
  }
}

async function restore(version) {
  if (!(await ask(fill(words.restore_sure, { version }), isDirty() ? words.leave_text : words.restore_text, words.restore, words.cancel))) return;
  try {
    show(await call("POST", `${address()}/rollback`, { version }, { "If-Match": String(opened.version) }));
    say(at("done"), words.restored, "good");
    look();
  } catch (error) {
    refuse(error);
  }
}

async function takeTheirs() {
  try {
    show(await call("GET", address()));
    look();
  } catch (error) {
    refuse(error);
  }
}

async function keepMine() {
  try {
    opened = { ...opened, version: (await call("GET", address())).version };
    at("conflict").hidden = true;
    await save(opened.status);
  } catch (error) {
    refuse(error);
  }
}

function noticeChange() {
  at("unsaved").hidden = !isDirty();
  say(at("done"), "");
  look();
}

form.addEventListener("submit", (event) => { event.preventDefault(); save("published"); });
form.addEventListener("input", noticeChange);
form.addEventListener("change", noticeChange);
at("save-draft").addEventListener("click", () => save("draft"));
at("archive").addEventListener("click", () => save("archived"));
at("delete").addEventListener("click", remove);
at("take-theirs").addEventListener("click", takeTheirs);
at("keep-mine").addEventListener("click", keepMine);
addEventListener("beforeunload", (event) => { if (isDirty()) event.preventDefault(); });
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s" && opened) {
    event.preventDefault();
    save(opened.status);
  }
});
