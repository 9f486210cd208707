// Copies the picked entries into another of my shops: a look at every entry and its warnings comes first.
import { call, fill, make, say, words } from "../accounts/requests.js";
import { at, base, factName, number, tell as tellIn } from "./pieces.js";

const dialog = at("copy-dialog");
let picked = [];
let turn = 0;

const tell = (error) => tellIn(error, at("copy-problem"));

function lineOf(warning) {
  const text = warning.kind === "variable" ? factName(warning.text) : warning.text;
  return make("li", {}, fill(words[`copy_${warning.kind}`], { text }));
}

function row(copied) {
  const same = copied.verdict === "same";
  const state = make("span", { class: `chip${same ? "" : copied.status === "published" ? " good" : " warn"}` }, same ? words.copy_same : words[copied.status]);
  return make("li", {}, make("strong", {}, copied.title), " ", state, copied.warnings.length > 0 && make("ul", {}, ...copied.warnings.map(lineOf)));
}

const ask = (dryRun) => call("POST", `${base}/entries/copy`, { entries: picked, to: at("copy-to").value, publish: at("copy-publish").checked, dry_run: dryRun });

async function look() {
  const mine = ++turn;
  say(at("copy-problem"), "");
  at("copy-yes").disabled = true;
  at("copy-found").replaceChildren();
  try {
    const report = await ask(true);
    if (mine !== turn) return; // another shop was chosen meanwhile
    const count = report.entries.filter((each) => each.verdict === "new").length;
    at("copy-found").replaceChildren(...report.entries.map(row));
    at("copy-yes").disabled = count === 0;
    at("copy-yes").textContent = fill(words.copy_yes, { count: number(count) });
  } catch (error) {
    tell(error);
  }
}

async function copy() {
  at("copy-yes").disabled = true;
  try {
    const { written } = await ask(false);
    dialog.close();
    say(at("done"), fill(words.copied, { count: number(written), shop: at("copy-to").selectedOptions[0].textContent }), "good");
  } catch (error) {
    tell(error);
  }
}

// `chosen()` returns the ids of the entries that are picked. Who has one shop alone finds no button.
export function copies(chosen) {
  if (!dialog) return;
  at("copy-picked").addEventListener("click", () => {
    picked = chosen();
    dialog.showModal();
    look();
  });
  for (const id of ["copy-to", "copy-publish"]) at(id).addEventListener("change", look);
  at("copy-no").addEventListener("click", () => dialog.close());
  at("copy-yes").addEventListener("click", copy);
}
