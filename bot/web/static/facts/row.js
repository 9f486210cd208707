// A whole row in a form: a new one, or all columns of one that is there.
import { fill, make, Refused, say, words } from "../accounts/requests.js";
import { at, messageOf } from "../shared/shop_page.js";
import { change, columnName, columns, done, keys, statuses } from "./pieces.js";

const LONG = new Set(["note", "items", "size_advice", "usage", "care", "specs", "warranty"]);
const NEEDED = { products: ["product", "title"], shipping: ["regions", "fee"], orders: ["order_no", "status"] };

function fieldOf(table, column, row) {
  const value = row?.cells[column] || "";
  let input;
  if (column === "status") {
    input = make("select", { name: column }, ...statuses.map((each) => make("option", { value: each }, words[`s_${each}`] || each)));
    input.value = value || "paid";
  } else {
    input = make(LONG.has(column) ? "textarea" : "input", { name: column, rows: LONG.has(column) ? 2 : null });
    input.value = value;
  }
  input.toggleAttribute("required", !row && (NEEDED[table] || []).includes(column));
  // What a row is known by stays: its other columns are written to it.
  input.toggleAttribute("readonly", Boolean(row) && keys[table].includes(column));
  return make("label", { class: `field${LONG.has(column) ? " whole" : ""}` }, make("span", {}, columnName(column)), input, make("span", { class: "wrong" }));
}

function markWrong(form, error) {
  for (const input of form.querySelectorAll("[name]")) {
    const found = Object.entries(error?.fields || {}).find(([path]) => path.endsWith(`.${input.name}`));
    input.toggleAttribute("aria-invalid", false);
    if (found) input.setAttribute("aria-invalid", "true");
    input.nextElementSibling.textContent = found ? found[1] : "";
  }
}

export function openRow(table, row, after) {
  const dialog = at("row-dialog");
  const form = at("row-form");
  at("row-title").textContent = row ? fill(words.change_of, { name: row.title || row.key }) : fill(words.add_to, { table: words[table] });
  at("row-fields").replaceChildren(...columns[table].map((column) => fieldOf(table, column, row)));
  at("keys-fixed").hidden = !row;
  const notice = form.querySelector(".notice");
  say(notice, "");
  form.onsubmit = async (event) => {
    event.preventDefault();
    markWrong(form);
    const cells = {};
    for (const input of form.querySelectorAll("[name]")) {
      const value = input.value.trim();
      const isKey = keys[table].includes(input.name);
      // Only what was changed is written, so that nobody else's change is undone by it.
      if (isKey || (row ? value !== (row.cells[input.name] || "") : value)) cells[input.name] = value;
    }
    try {
      await change(table, [cells]);
      dialog.close();
      done(words.saved);
      await after();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      markWrong(form, error);
      say(notice, form.querySelector("[aria-invalid]") ? error.message : messageOf(error), "bad");
    }
  };
  dialog.showModal();
}
