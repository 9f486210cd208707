// How automatic replies turned out afterwards: by group, and the groups that dropped to suggestions for it.
import { fill, make, moment, words } from "../accounts/requests.js";
import { at, number, percent } from "../shared/shop_page.js";
import { groupRows } from "./rules.js";

export const demotedGroups = (rules) => rules.demoted.map((each) => each.group);

function measuredText({ cases, right, low, high }) {
  return fill(words.measured_value, { share: percent(right / cases), low: percent(low), high: percent(high), count: number(cases) });
}

function notice(each, leave) {
  const told = fill(words.demoted, {
    group: words[`group_${each.group}`], day: moment(each.at), cases: number(each.cases), right: number(each.right),
    share: percent(each.right / each.cases), target: percent(each.target),
  });
  const button = leave ? make("button", { type: "button", class: "small" }, words.demoted_leave) : null;
  button?.addEventListener("click", () => leave(each.group));
  return make("div", { class: "notice warn demoted", "data-group": each.group }, make("p", {}, told), button);
}

export function showMeasured(rules, leave) {
  at("demoted").replaceChildren(...rules.demoted.map((each) => notice(each, leave)));
  for (const row of groupRows()) {
    const cell = row.querySelector(".measured");
    const found = rules.measured[row.dataset.group];
    const none = rules.groups[row.dataset.group].mode === "automatic" ? words.measured_none : "";
    cell.textContent = found ? measuredText(found) : none;
    cell.title = found ? words.measured_help + (found.since ? fill(words.measured_since, { day: moment(found.since) }) : "") : "";
  }
}
