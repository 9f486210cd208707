// Variables offered while a template is typed: after {, by Chinese or English name; and the blank that an agent fills.
import { make, words } from "../accounts/requests.js";
import { variables } from "./pieces.js";

const MOST = 12;
const box = make("ul", { class: "completions", role: "listbox", id: "completions", "aria-label": words.variables, hidden: true });
document.body.append(box);
let field = null;
let chosen = 0;
let offered = [];

const BLANK = { isBlank: true }; // stands among the variables offered
const own = (variable) => (words.lang === "en" ? variable.name : variable.zh);
const other = (variable) => (words.lang === "en" ? variable.zh : variable.name);

// The name begun before the caret, null where none is: a doubled brace is a brace.
function begun() {
  const before = field.value.slice(0, field.selectionStart);
  const found = /(^|[^{])(?:\{\{)*\{([^{}|\n]{0,20})$/.exec(before);
  return found ? found[2] : null;
}

function close() {
  box.hidden = true;
  field?.removeAttribute("aria-activedescendant");
}

function mark() {
  [...box.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === chosen)));
  box.children[chosen]?.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", `completion-${chosen}`);
}

// Puts a blank there, its name selected: it wants to be written over.
function takeBlank() {
  const start = field.selectionStart - begun().length;
  const rest = field.value.slice(field.selectionStart);
  field.setRangeText(`?${words.blank_name}${rest.startsWith("}") ? "" : "}"}`, start, field.selectionStart, "end");
  field.setSelectionRange(start + 1, start + 1 + words.blank_name.length);
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function take(variable) {
  if (variable.isBlank) return takeBlank();
  const start = field.selectionStart - begun().length;
  const rest = field.value.slice(field.selectionStart);
  const closing = rest.startsWith("}") || rest.startsWith("|") ? "" : "}";
  field.setRangeText(own(variable) + closing, start, field.selectionStart, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function offer() {
  const name = begun();
  if (name === null) return close();
  const sought = name.trim().toLowerCase();
  if (sought.startsWith("?") && sought.length > 1) return close();
  const fits = (variable) => [variable.zh, variable.name, variable.about.toLowerCase()].some((text) => text.includes(sought));
  const begins = (variable) => variable.zh.startsWith(sought) || variable.name.startsWith(sought);
  offered = variables.filter(fits).sort((one, two) => begins(two) - begins(one)).slice(0, MOST);
  if (!sought || sought === "?" || words.blank.toLowerCase().includes(sought)) offered.push(BLANK);
  if (!offered.length || offered.some((each) => !each.isBlank && own(each) === sought)) return close();
  chosen = 0;
  box.replaceChildren(...offered.map((variable, index) => make("li", {
    id: `completion-${index}`, role: "option", title: variable.isBlank ? words.blank_help : variable.about,
    onmousedown: (event) => { event.preventDefault(); take(variable); },
  }, ...(variable.isBlank ? [make("span", {}, words.blank, " ", make("small", {}, "{?…}")), make("small", {}, words.blank_help)]
    : [make("span", {}, own(variable), " ", make("small", {}, other(variable))), make("small", {}, words[`from_${variable.source}`])]))));
  const place = field.getBoundingClientRect();
  box.style.left = `${place.left + scrollX}px`;
  box.style.top = `${place.bottom + scrollY + 4}px`;
  box.hidden = false;
  mark();
}

function onKey(event) {
  if (box.hidden || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    chosen = (chosen + step + offered.length) % offered.length;
    mark();
  } else if (event.key === "Enter" || event.key === "Tab") take(offered[chosen]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
}

export function completes(textarea) {
  textarea.setAttribute("aria-autocomplete", "list");
  textarea.setAttribute("aria-controls", box.id);
  textarea.addEventListener("focus", () => { field = textarea; });
  textarea.addEventListener("input", (event) => { if (!event.isComposing && field === textarea && event.isTrusted) offer(); });
  textarea.addEventListener("compositionend", () => offer());
  textarea.addEventListener("keydown", onKey);
  textarea.addEventListener("blur", close);
}
