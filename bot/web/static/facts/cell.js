// One cell changed where it stands: Enter or leaving it saves, Escape leaves it as it was.
import { make, Refused, words } from "../accounts/requests.js";
import { messageOf } from "../shared/shop_page.js";
import { change, columnName, done, keys, statuses } from "./pieces.js";

const LONG = new Set(["value", "note", "title", "items"]);

function inputFor(column, value) {
  if (column === "status") {
    const select = make("select", {}, ...statuses.map((each) => make("option", { value: each }, words[`s_${each}`] || each)));
    select.value = value;
    return select;
  }
  const input = LONG.has(column) ? make("textarea", { rows: 2 }) : make("input", { type: "text", inputmode: column === "stock" ? "numeric" : null, placeholder: column.endsWith("_date") || column === "eta" ? "2026-12-01" : null });
  input.value = value;
  return input;
}

export function editCell(cell, table, row, column, after) {
  const before = row.cells[column] || "";
  const button = cell.querySelector("button");
  const input = inputFor(column, before);
  const wrong = make("div", { class: "wrong", role: "alert" });
  let settled = false;
  input.setAttribute("aria-label", columnName(column));
  cell.replaceChildren(input, wrong);
  input.focus();
  input.select?.();

  function leave() {
    settled = true;
    cell.replaceChildren(button);
    button.focus();
  }
  async function save() {
    if (settled) return;
    if (input.value.trim() === before) return leave();
    settled = true;
    const known = Object.fromEntries(keys[table].map((key) => [key, row.cells[key] || ""]));
    try {
      await change(table, [{ ...known, [column]: input.value.trim() }]);
      done(words.saved);
      await after();
      document.querySelector(`tr[data-key="${CSS.escape(row.key)}"] [data-column="${column}"]`)?.focus();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      settled = false;
      input.setAttribute("aria-invalid", "true");
      wrong.textContent = messageOf(error);
      input.focus();
    }
  }
  input.addEventListener("blur", () => {
    if (!input.hasAttribute("aria-invalid")) save();
  });
  input.addEventListener("input", () => input.removeAttribute("aria-invalid"));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") leave();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      input.removeAttribute("aria-invalid");
      save();
    }
  });
}
