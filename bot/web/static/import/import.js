// Tables of entries: chosen, looked at row by row, written, taken back; and exported.
import { call, fill, moment, say, whoAmI, words } from "../accounts/requests.js";
import { ask } from "../shared/asking.js";
import { encoded, send } from "../shared/sending.js";
import { at, base, number, tell as tellRefusal } from "../shared/shop_page.js";
import { listens, show } from "./verdicts.js";

const { most } = document.body.dataset;
const MEGABYTE = 1024 * 1024;
let csrf = "";
let chosen = null; // the file: its name and its bytes in base64
let counts = null;
let going = null;

function tell(error) {
  if (error.name !== "AbortError") tellRefusal(error);
}

const replaces = () => document.querySelector("[name=way]:checked").value === "replace";

function step(done, of) {
  at("progress").max = Math.max(of, 1);
  at("progress").value = done;
  at("progress-text").textContent = fill(words.checking, { done: number(done), of: number(of) });
}

// Another file or another way ends what was going on: only the newest is shown.
async function run(path, doing) {
  going?.abort();
  const mine = new AbortController();
  going = mine;
  at("working").hidden = false;
  at("progress").removeAttribute("value");
  at("progress-text").textContent = fill(words.reading, { name: chosen.name });
  at("apply").disabled = true;
  try {
    const body = { name: chosen.name.slice(0, 200), file: chosen.content, replace: replaces(), skip_bad: at("skip").checked };
    return await send(`${base}${path}`, body, csrf, (done, of) => {
      step(done, of);
      if (doing === "writing" && done >= of) at("progress-text").textContent = words.writing;
    }, mine.signal);
  } finally {
    if (going === mine) {
      going = null;
      at("working").hidden = true;
    }
  }
}

function judge(report) {
  counts = show(report);
  const skips = at("skip").checked;
  const writes = counts.new + counts.changed;
  const stops = counts.wrong > 0 && !skips;
  at("verdict").textContent = stops ? fill(words.wrong_stops, { count: number(counts.wrong) })
    : counts.wrong ? fill(words.wrong_skipped, { count: number(counts.wrong) })
    : writes + counts.removed ? words.all_right : words.nothing_new;
  at("apply").disabled = stops || writes + counts.removed === 0;
  at("apply").textContent = writes + counts.removed ? fill(words.apply, { count: number(writes) }) : words.apply_none;
  at("preview").hidden = false;
}

async function preview() {
  if (!chosen) return;
  say(at("problem"), "");
  say(at("done"), "");
  try {
    judge(await run("/entries/import?dry_run=1", "checking"));
  } catch (error) {
    if (error.name !== "AbortError") at("preview").hidden = true;
    tell(error);
  }
}

function forget() {
  going?.abort();
  chosen = null;
  at("file").value = "";
  at("file-name").textContent = words.drop_here;
  at("preview").hidden = true;
  at("working").hidden = true;
}

async function choose(file) {
  if (!file) return;
  forget();
  say(at("done"), "");
  const size = new Intl.NumberFormat(words.lang, { maximumFractionDigits: 1 });
  if (file.size > Number(most)) {
    say(at("problem"), fill(words.too_large, { name: file.name, size: size.format(file.size / MEGABYTE), most: size.format(Number(most) / MEGABYTE) }), "bad");
    return;
  }
  if (!file.size) {
    say(at("problem"), fill(words.empty_file, { name: file.name }), "bad");
    return;
  }
  try {
    chosen = { name: file.name, content: await encoded(file) };
    at("file-name").textContent = file.name;
    await preview();
  } catch (error) {
    tell(error);
  }
}

// While rows are written nothing else is begun.
function hold(held) {
  for (const input of [at("file"), at("skip"), at("cancel"), at("undo"), ...document.querySelectorAll("[name=way]")]) input.disabled = held;
}

async function apply() {
  const text = fill(words.replace_text, { written: number(counts.new + counts.changed), removed: number(counts.removed) });
  if (counts.removed && !(await ask({ title: words.replace_sure, text, yes: words.replace_yes }))) return;
  say(at("problem"), "");
  hold(true);
  try {
    const report = await run("/entries/import", "writing");
    if (!report.written) {
      judge(report);
      say(at("problem"), words.applied_none, "bad");
      return;
    }
    const written = report.verdicts.filter((row) => row.verdict !== "same").length;
    const done = { count: number(written), removed: number(report.removed.length) };
    forget();
    say(at("done"), fill(report.removed.length ? words.applied_removed : words.applied, done), "good");
    at("done").scrollIntoView({ block: "nearest" });
  } catch (error) {
    at("apply").disabled = false;
    tell(error);
  } finally {
    hold(false);
  }
  await showLast();
}

function whose(author) {
  return author.name || { person: words.former, token: words.by_token }[author.kind] || words.by_server;
}

async function showLast() {
  const { last } = await call("GET", `${base}/entries-import`);
  at("last").textContent = last ? fill(words.last, { at: moment(last.at), who: whose(last.author), count: number(last.touched) }) : words.no_last;
  at("undo").hidden = !last;
}

async function undo() {
  if (!(await ask({ title: words.undo_sure, text: words.undo_text, yes: words.undo }))) return;
  say(at("problem"), "");
  try {
    const { restored, removed, kept } = await call("POST", `${base}/entries/import/undo`);
    const done = { restored: number(restored), removed: number(removed), kept: number(kept.length) };
    say(at("done"), fill(kept.length ? words.undone_kept : words.undone, done), "good");
    if (chosen) await preview();
  } catch (error) {
    tell(error);
  }
  await showLast();
}

listens();
at("file").addEventListener("change", () => choose(at("file").files[0]));
for (const name of ["dragover", "dragleave", "drop"]) {
  at("choose").addEventListener(name, (event) => {
    event.preventDefault();
    at("choose").classList.toggle("over", name === "dragover");
    if (name === "drop" && !at("file").disabled) choose(event.dataTransfer.files[0]);
  });
}
for (const input of [...document.querySelectorAll("[name=way]"), at("skip")]) input.addEventListener("change", preview);
at("cancel").addEventListener("click", forget);
at("apply").addEventListener("click", apply);
at("undo").addEventListener("click", () => undo());
try {
  csrf = (await whoAmI()).csrf;
  await showLast();
} catch (error) {
  tell(error);
}
