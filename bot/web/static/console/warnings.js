// What is doubtful about the entry at hand: doubled, contradictory, or without facts. All of it is of this shop alone.
import { call, fill, make, Refused, words } from "../accounts/requests.js";
import { at, base, factName, later, number } from "./pieces.js";

let source = null;
let turn = 0;

const quoted = (name) => `{${factName(name)}}`;

function told({ kind, text, entry, there, variable, have, of }) {
  if (kind === "no_fact" && of > 1) return fill(words.warn_some_facts, { variable: quoted(variable), have: number(have), of: number(of) });
  if (kind === "no_fact") return fill(words.warn_no_fact, { variable: quoted(variable) });
  if (kind === "contradiction") {
    return fill(entry ? words.warn_contradiction : words.warn_against_fact, { topic: factName(variable), text, there, code: quoted(variable) });
  }
  return fill(words[`warn_${kind}`], { text });
}

function toField(field) {
  const name = field.replace(/\[\d+\]$/, "");
  document.querySelector(`#form [data-field="${CSS.escape(name)}"]`)?.focus();
}

function item(warning) {
  const { entry, field } = warning;
  return make("li", { class: "notice warn", "data-kind": warning.kind },
    make("button", { type: "button", class: "plain", onclick: () => toField(field) }, told(warning)),
    entry && make("a", { href: `#e=${encodeURIComponent(entry.id)}` }, entry.question || entry.id),
    entry && entry.status !== "published" && make("span", { class: "chip warn" }, words[entry.status]));
}

async function show() {
  if (!source) return;
  const mine = ++turn;
  try {
    const { warnings } = await call("POST", `${base}/entries/warnings`, { entry: source() });
    if (mine !== turn || !source) return;
    at("warnings").replaceChildren(...warnings.map(item));
    at("no-warnings").hidden = warnings.length > 0;
  } catch (error) {
    // The preview beside it says what is wrong with a text that cannot be read yet.
    if (!(error instanceof Refused)) throw error;
  }
}

export const review = later(show, 700);

// `read` gives the document as it stands in the form; null ends the warnings.
export function warn(read) {
  source = read;
  turn++;
  at("warnings").replaceChildren();
  at("no-warnings").hidden = true;
  at("warnings-card").hidden = !read;
  if (read) review();
}
