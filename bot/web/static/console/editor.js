// Writing one entry: opened, saved at the version that was read, archived, deleted.
import { call, fill, Refused, say, words } from "../accounts/requests.js";
import { drop, held, load, publish, put } from "./drafting.js";
import { clear, read, showWrong, write } from "./form.js";
import { follow } from "./history.js";
import { ask, askForNote, at, base } from "./pieces.js";
import { refresh, watch } from "./preview.js";
import { review, warn } from "./warnings.js";

const EMPTY = {
  group: "shipping", intent: null, question: "", phrasings: [], reply: "", cases: {}, fallback: "", short_code: "", image: "",
  scope: { products: [], categories: [] }, validity: { since: null, until: null, weekly: [] }, language: "zh", status: "draft",
};
const form = at("form");
let opened = null; // the entry as the server has it; version 0 when it is new
let before = "";
let rebased = false; // the person has chosen to write over what was changed since
let again = () => {}; // what was refused because somebody else had changed the entry

const address = () => `${base}/entries/${encodeURIComponent(opened.id)}`;
const present = () => JSON.stringify(read(opened.status));
const made = () => (rebased ? opened.version : (held()?.base ?? opened.version));

function look() {
  refresh();
  review();
}

export const isDirty = () => opened !== null && present() !== before;

// The edit for the test box: null when nothing differs from what is suggested.
export const edit = () => (opened && (isDirty() || held()) ? read(opened.status === "archived" ? "published" : opened.status) : null);

function show(entry) {
  opened = entry;
  rebased = false;
  write(held() ? { ...held().entry, version: entry.version } : entry, entry.version === 0);
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
  const from = id === null ? "" : `${base}/entries/${encodeURIComponent(id)}`;
  const [entry] = await Promise.all([from ? call("GET", from) : begun(given), load(from)]);
  show(entry);
  warn(() => read("draft"));
  await watch(() => read("draft"));
}

export function close() {
  opened = null;
  load("");
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

// Does what may be refused, and says what was done; `work` returns the entry as it is then.
async function attempt(work, done) {
  again = () => attempt(work, done);
  clear();
  say(at("form-problem"), "");
  try {
    show(await work());
    history.replaceState(null, "", `#e=${encodeURIComponent(opened.id)}`);
    say(at("done"), done, "good");
    look();
  } catch (error) {
    refuse(error);
  }
}

async function keep(status) {
  const document = read(status);
  if (!opened.version) {
    const entry = await call("POST", `${base}/entries`, document);
    await load(`${base}/entries/${encodeURIComponent(entry.id)}`);
    return entry;
  }
  const saved = await call("PUT", address(), document, { "If-Match": String(opened.version) });
  if (held()) await drop();
  return saved;
}

async function keepBeside(ready, note) {
  if (!opened.version) opened = await keep("draft");
  await put(read("published"), made(), ready, note);
  return opened;
}

async function publishDraft() {
  if (isDirty() || rebased) await put(read("published"), made(), false, "");
  return publish();
}

function save(status) {
  const isBeside = held() || (opened.version && opened.status === "published");
  if (status === "draft" && isBeside) return attempt(() => keepBeside(false, ""), words.saved_beside);
  if (status === "published" && held()) return attempt(publishDraft, words.saved_published);
  return attempt(() => keep(status), words[`saved_${status}`]);
}

async function handOver() {
  const note = await askForNote(words.hand_over_sure, words.hand_over_text, words.hand_over, words.cancel);
  if (note !== null) await attempt(() => keepBeside(true, note), words.handed);
}

async function dropDraft() {
  if (!(await ask(words.drop_draft_sure, words.drop_draft_text, words.drop_draft, words.cancel))) return;
  await attempt(async () => { await drop(); return call("GET", address()); }, words.dropped);
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
  await attempt(async () => {
    const entry = await call("POST", `${address()}/rollback`, { version }, { "If-Match": String(opened.version) });
    await load(address());
    return entry;
  }, words.restored);
}

async function takeTheirs() {
  try {
    await open(opened.id);
    look();
  } catch (error) {
    refuse(error);
  }
}

async function keepMine() {
  try {
    opened = { ...opened, version: (await call("GET", address())).version };
    await load(address());
    rebased = true;
    at("conflict").hidden = true;
    await again();
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
at("hand-over").addEventListener("click", handOver);
at("drop-draft").addEventListener("click", dropDraft);
at("archive").addEventListener("click", () => save("archived"));
at("delete").addEventListener("click", remove);
at("take-theirs").addEventListener("click", takeTheirs);
at("keep-mine").addEventListener("click", keepMine);
addEventListener("beforeunload", (event) => { if (isDirty()) event.preventDefault(); });
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s" && opened) {
    event.preventDefault();
    save(held() ? "draft" : opened.status);
  }
});
