// What buyers had said before agents used an entry: accepted as its phrasings or dismissed, one by one or all.
import { call, fill, make, words } from "../accounts/requests.js";
import { at, base, number } from "../shared/shop_page.js";
import { settle } from "./pieces.js";

function card(proposed, again) {
  const accept = (phrasings) => settle(() => call("POST", `${base}/entries/${encodeURIComponent(proposed.entry)}/phrasings`, { phrasings }), fill(words.accepted, { entry: proposed.title }), again);
  const dismiss = (phrasings) => settle(() => call("POST", `${base}/asked/dismissed`, { entry: proposed.entry, phrasings }), "", again);
  const all = proposed.phrasings.map((each) => each.text).slice(0, 50);
  const line = (each) => make("li", {}, make("span", { dir: "auto" }, each.text),
    make("span", { class: "soft small" }, fill(words.times, { count: number(each.count) })),
    make("button", { type: "button", class: "small", "aria-label": `${words.accept} ${each.text}`, onclick: () => accept([each.text]) }, words.accept),
    make("button", { type: "button", class: "small quiet", "aria-label": `${words.dismiss} ${each.text}`, onclick: () => dismiss([each.text]) }, words.dismiss));
  return make("article", { class: "card group" },
    make("h3", { dir: "auto" }, proposed.title, " ", !proposed.has_question && make("span", { class: "chip warn" }, words.no_question)),
    make("p", { class: "said", dir: "auto" }, proposed.reply),
    make("ul", { class: "wordings" }, ...proposed.phrasings.map(line)),
    all.length > 1 && make("div", { class: "actions" },
      make("button", { type: "button", class: "small", onclick: () => dismiss(all) }, words.dismiss_all),
      make("button", { type: "button", class: "small primary", onclick: () => accept(all) }, words.accept_all)));
}

export function showProposed(proposed, again) {
  const count = proposed.reduce((sum, each) => sum + each.phrasings.length, 0);
  at("proposed").replaceChildren(...proposed.map((each) => card(each, again)));
  at("no-proposed").hidden = count > 0;
  at("proposed-count").hidden = count === 0;
  at("proposed-count").textContent = number(count);
}
