// Giving a group's words to an entry that there is: the likely ones first, any other by searching.
import { call, make, Refused, say, words } from "../accounts/requests.js";
import { at, base, later, tell as tellIn } from "../shared/shop_page.js";
import { tell } from "./pieces.js";

const PAUSE = 200;
const MOST = 8;
let likely = [];
let finished = null;
let turn = 0;

function choice(kind, name, value, text, checked, extra = null) {
  return make("label", {}, make("input", { type: kind, name, value, checked }), make("span", { dir: "auto" }, text, extra));
}

function showEntries(entries, legend) {
  at("adding-legend").textContent = legend;
  at("adding-entries").replaceChildren(...(entries.length
    ? entries.map((entry, place) => choice("radio", "entry", entry.id, entry.title, place === 0))
    : [make("p", { class: "soft" }, words.found_none)]));
}

async function search() {
  const mine = ++turn;
  const query = at("adding-search").value.trim();
  if (!query) return showEntries(likely, words.likely);
  const found = await call("GET", `${base}/entry-search?${new URLSearchParams({ q: query, limit: 20 })}`);
  if (mine !== turn) return; // something else was looked for meanwhile
  showEntries(found.entries.map((entry) => ({ id: entry.id, title: entry.question || entry.reply })), words.search);
}

// An entry without a question goes by its reply.
const named = async (entry) => {
  const { question, reply } = await call("GET", `${base}/entries/${encodeURIComponent(entry)}`);
  return question || reply || entry;
};

export async function addTo(group, done) {
  try {
    const read = await call("POST", `${base}/entries/try`, { text: group.question });
    likely = await Promise.all(read.standings.slice(0, MOST).map(async (each) => ({ id: each.entry, title: each.question || await named(each.entry) })));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    likely = []; // the search is there still
  }
  finished = done;
  at("adding-search").value = "";
  say(at("adding-problem"), "");
  showEntries(likely, words.likely);
  at("adding-words").replaceChildren(...group.examples.map((each) => choice("checkbox", "words", each.text, each.text, true)));
  at("adding").showModal();
}

async function add(event) {
  event.preventDefault();
  const form = new FormData(at("adding-form"));
  const phrasings = form.getAll("words");
  if (!form.get("entry")) return say(at("adding-problem"), words.choose_one, "bad");
  if (!phrasings.length) return say(at("adding-problem"), words.choose_words, "bad");
  try {
    const entry = await call("POST", `${base}/entries/${encodeURIComponent(form.get("entry"))}/phrasings`, { phrasings });
    at("adding").close();
    await finished(entry);
  } catch (error) {
    tellIn(error, at("adding-problem"));
  }
}

at("adding-form").addEventListener("submit", add);
at("adding-no").addEventListener("click", () => at("adding").close());
at("adding-search").addEventListener("input", later(() => search().catch(tell), PAUSE));
