// The dry run: what would have become of the latest questions, by question and by group.
import { fill, make, moment, Refused, say, words } from "../accounts/requests.js";
import { send } from "../shared/sending.js";
import { at, base, number, percent } from "../shared/shop_page.js";
import { groupRows } from "./rules.js";

const PAGE = 50;
const mayEdit = "mayEdit" in document.body.dataset;
const KINDS = { reply: "good", ask_back: "good", hand_over: "warn", silent: "" };
let run = null;
let shown = PAGE;

function tile(name, count, note) {
  return make("div", {}, make("dt", {}, name), make("dd", { class: "count" }, count), make("dd", { class: "share" }, note));
}

function showTiles() {
  const of = (count) => (run.messages ? fill(words.of_messages, { share: percent(count / run.messages) }) : "");
  const { hand_over: handed, silent } = run.deeds;
  at("tiles").replaceChildren(
    tile(words.messages, number(run.messages), run.since ? fill(words.since_day, { day: moment(run.since) }) : ""),
    tile(words.answered, number(run.answered), of(run.answered)),
    tile(words.expected, percent(run.expected_precision), words.expected_help),
    tile(words.handed, number(handed), of(handed)),
    tile(words.silent, number(silent), of(silent)),
  );
}

export function showReach() {
  if (!run) return;
  const known = new Map(run.groups.map((each) => [each.group, each]));
  for (const row of groupRows()) {
    const group = known.get(row.dataset.group);
    const precision = Number(row.querySelector(".precision").value);
    const reach = group.reach.find((each) => each.precision === precision);
    const count = { count: number(reach.sendable), all: number(group.questions) };
    const share = ` · ${percent(reach.sendable / group.questions)}`;
    const reached = group.questions ? fill(words.reach_value, count) + share : words.reach_unasked;
    row.querySelector(".reach").textContent = reach.threshold === null ? words.never : reached;
    const evidence = row.querySelector(".evidence");
    evidence.textContent = reach.judged ? fill(words.evidence_value, { count: number(reach.judged), share: percent(reach.right / reach.judged) }) : words.evidence_none;
    evidence.title = reach.judged ? fill(words.evidence_help, { low: percent(reach.low), high: percent(reach.high) }) : "";
  }
}

function spoken(each) {
  if (each.said.length) return each.said.map((text) => make("p", { class: "bubble" }, text));
  return each.found ? [make("p", { class: "soft small" }, fill(words.found_only, { text: each.found }))] : [];
}

function row(each) {
  const reasons = each.reasons.map((reason) => words[`why_${reason}`]).join(" · ");
  const asked = make("td", {}, make("p", { class: "asked" }, each.asked || words.image_alone), make("p", { class: "soft small" }, moment(each.at)));
  const outcome = make("td", {}, make("span", { class: `chip ${KINDS[each.deed]}` }, words[`deed_${each.deed}`]), make("p", { class: "soft small" }, reasons));
  const groups = each.groups.map((group) => words[`group_${group}`]).join(" · ");
  const entries = each.entries.map((entry) => (mayEdit ? make("a", { href: `${base}/entries#e=${encodeURIComponent(entry)}` }, entry) : make("span", {}, entry)));
  const sources = make("p", { class: "soft small sources" }, groups, ...entries);
  const needed = each.threshold === null ? "" : fill(words.threshold, { share: percent(each.threshold) });
  const sure = make("td", { class: "number" }, percent(each.confidence), make("p", { class: "soft small" }, needed));
  return make("tr", { "data-deed": each.deed }, asked, outcome, make("td", {}, ...spoken(each), each.entries.length ? sources : null), sure);
}

function showRows() {
  const wanted = at("outcome").value;
  const rows = run.tried.filter((each) => !wanted || each.deed === wanted);
  at("rows").replaceChildren(...rows.slice(0, shown).map(row));
  at("none").hidden = rows.length > 0;
  at("more").hidden = rows.length <= shown;
  at("more").textContent = fill(words.show_more, { count: number(Math.min(PAGE, rows.length - shown)) });
}

function show(found) {
  run = found;
  shown = PAGE;
  at("result").hidden = !run.messages;
  at("run-state").textContent = run.messages ? "" : words.no_messages;
  showTiles();
  showReach();
  showRows();
}

function tellProgress(done, of) {
  at("progress").max = of;
  at("progress").value = done;
  at("run-state").textContent = fill(words.read_so_far, { done: number(done), of: number(of) });
}

export async function tryRules(rules, csrf) {
  at("run").disabled = true;
  at("progress").removeAttribute("value");
  at("progress").hidden = false;
  at("run-state").textContent = words.running;
  say(at("problem"), "");
  try {
    show(await send(`${base}/auto-reply/dry-run`, { policy: rules, messages: Number(at("many").value) }, csrf, tellProgress));
  } catch (error) {
    at("run-state").textContent = "";
    if (!(error instanceof Refused)) throw error;
    return error;
  } finally {
    at("run").disabled = false;
    at("progress").hidden = true;
  }
  return null;
}

at("outcome").addEventListener("change", () => {
  shown = PAGE;
  showRows();
});
at("more").addEventListener("click", () => {
  shown += PAGE;
  showRows();
});
