// The form of the rules: shown from a document of the API, and read back into one.
import { words } from "../accounts/requests.js";
import { at } from "../shared/shop_page.js";
import { addHours, nextHours, readHours, showHours } from "./hours.js";

const NUMBERS = ["repeat_limit", "merge_seconds"];
const TEXTS = ["greeting", "hand_over", "hand_over_closed"];
const CHECKS = ["is_on", "marks"];
export const groupRows = () => [...document.querySelectorAll("tr[data-group]")];

function showDepending() {
  const chosen = document.querySelector('input[name="when"]:checked')?.value;
  at("weekly").hidden = chosen !== "weekly";
  at("switch-state").textContent = at("is_on").checked ? words.on : words.off_now;
  at("switch-state").classList.toggle("good", at("is_on").checked);
  for (const row of groupRows()) row.dataset.mode = row.querySelector(".mode").value;
}

export function showRules(rules, changed) {
  for (const name of CHECKS) at(name).checked = rules[name];
  for (const name of [...NUMBERS, ...TEXTS]) at(name).value = rules[name];
  document.querySelector(`input[name="when"][value="${rules.when}"]`).checked = true;
  showHours(rules.weekly, changed);
  for (const row of groupRows()) {
    const rule = rules.groups[row.dataset.group];
    row.querySelector(".mode").value = rule.mode;
    row.querySelector(".precision").value = rule.precision;
  }
  showDepending();
}

export function readRules() {
  const when = document.querySelector('input[name="when"]:checked').value;
  return {
    ...Object.fromEntries(CHECKS.map((name) => [name, at(name).checked])),
    ...Object.fromEntries(NUMBERS.map((name) => [name, Number(at(name).value)])),
    ...Object.fromEntries(TEXTS.map((name) => [name, at(name).value.trim()])),
    when,
    weekly: readHours(),
    groups: Object.fromEntries(groupRows().map((row) => [row.dataset.group, {
      mode: row.querySelector(".mode").value,
      precision: Number(row.querySelector(".precision").value),
    }])),
  };
}

export function watchRules(changed) {
  const heard = () => {
    showDepending();
    changed();
  };
  at("form").addEventListener("input", heard);
  at("add-hours").addEventListener("click", () => {
    addHours(nextHours(), heard);
    heard();
  });
}

// Mark the fields that the server refused; the first one gets the focus.
export function markWrong(fields) {
  for (const element of at("form").elements) element.removeAttribute("aria-invalid");
  const wrong = Object.keys(fields).map((name) => {
    const [first, second, third] = name.split(".");
    if (first === "groups") return document.querySelector(`tr[data-group="${second}"] .${third ?? "mode"}`);
    return first.startsWith("weekly") ? at("add-hours") : at(first);
  }).filter(Boolean);
  for (const element of wrong) element.setAttribute("aria-invalid", "true");
  wrong[0]?.focus();
}
