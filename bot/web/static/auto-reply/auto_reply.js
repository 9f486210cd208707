// The page of automatic replies: rules are read, changed, tried and saved.
import { call, say, whoAmI, words } from "../accounts/requests.js";
import { ask } from "../shared/asking.js";
import { at, base, tell as tellRefusal } from "../shared/shop_page.js";
import { showLog, startLog } from "./log.js";
import { demotedGroups, showMeasured } from "./measured.js";
import { showReach, tryRules } from "./dry_run.js";
import { markWrong, readRules, showRules, watchRules } from "./rules.js";

const maySet = "maySet" in document.body.dataset;
const path = `${base}/auto-reply`;
let saved = null;
let before = "";
let csrf = "";

const isChanged = () => JSON.stringify(readRules()) !== before;

function tell(error) {
  tellRefusal(error);
  markWrong(error.fields);
}

function noteChanges() {
  showReach();
  if (!maySet) return;
  at("unsaved").hidden = at("undo").hidden = !isChanged();
  if (isChanged()) say(at("done"), "");
}

function show(rules) {
  saved = rules;
  showRules(rules, noteChanges);
  showMeasured(rules, maySet && leave);
  before = JSON.stringify(readRules());
  noteChanges();
}

async function save() {
  at("save").disabled = true;
  say(at("problem"), "");
  try {
    show(await call("PUT", path, { ...readRules(), demoted: demotedGroups(saved) }));
    markWrong({});
    say(at("done"), words.saved, "good");
  } catch (error) {
    tell(error);
  } finally {
    at("save").disabled = false;
  }
}

// A group that dropped stays as it is; what is not saved yet stays in the form.
async function leave(group) {
  try {
    saved = await call("DELETE", `${path}/demoted/${group}`);
    showMeasured(saved, leave);
  } catch (error) {
    tell(error);
  }
}

async function submit(event) {
  event.preventDefault();
  // What goes to buyers from now on is asked once more.
  if (at("is_on").checked && !saved.is_on && !(await ask({ title: words.turn_on_sure, text: words.turn_on_text, yes: words.yes_turn_on }))) return;
  await save();
}

async function run() {
  const error = await tryRules(readRules(), csrf);
  if (error) tell(error);
  else markWrong({});
}

at("run").addEventListener("click", run);
startLog(async (said) => {
  show(await call("GET", path));
  say(at("done") ?? at("problem"), said, "good");
});
if (maySet) {
  at("form").addEventListener("submit", submit);
  at("undo").addEventListener("click", () => show(saved));
  addEventListener("beforeunload", (event) => {
    if (saved && isChanged()) event.preventDefault();
  });
}
try {
  csrf = (await whoAmI()).csrf;
  show(await call("GET", path));
  watchRules(noteChanges);
  at("form").removeAttribute("aria-busy");
  await showLog();
} catch (error) {
  tell(error);
}
