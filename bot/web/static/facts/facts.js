// The page of what a shop states: its tables, row by row, each with its as-of and whether it is stale.
import { call, fill, make, moment, say, whoAmI, words } from "../accounts/requests.js";
import { editCell } from "./cell.js";
import { openRow } from "./row.js";
import { openImport } from "./importing.js";
import { at, base as shopBase, later, messageOf, number, tell } from "../shared/shop_page.js";
import { base, change, columnName, columns, done } from "./pieces.js";
import { readStates } from "./states.js";

const LIMIT = 50;
const SHOWN = {
  products: ["title", "sku", "colour", "size", "stock", "restock_date", "price", "category"],
  shipping: columns.shipping,
  facts: columns.facts,
  orders: ["order_no", "status", "items", "amount", "paid_at", "courier", "tracking_no", "tracking_status", "eta"],
};
const FIXED = new Set(["sku", "order_no", "regions", "name"]);
const CODES = new Set(["sku", "order_no", "tracking_no", "status", "paid_at", "restock_date", "eta"]);
const WIDE = new Set(["title", "value", "items", "regions", "tracking_status"]);
const place = { table: "products", start: 0, kind: "" };
let asked = 0;

function asOf(row) {
  if (!row.as_of) return make("td", { class: "when soft" }, words.not_stated);
  return make("td", { class: "when" }, make("span", {}, moment(row.as_of), " ", row.stale && make("span", { class: "chip warn" }, words.stale)), make("span", { class: "soft" }, row.source));
}

function shownIn(row, column) {
  const text = row.cells[column] || "";
  if (column === "status") return words[`s_${text}`] || text;
  if (column === "paid_at" && text) return moment(text);
  // A variable has its name in both languages.
  return column === "name" && words.lang === "en" ? row.key.replaceAll("_", " ") : text;
}

function cellOf(row, column) {
  const shown = shownIn(row, column);
  const cell = make("td", { class: `cell${WIDE.has(column) ? " wide" : ""}${CODES.has(column) ? " code" : ""}` });
  if (FIXED.has(column) || (column === "stock" && !row.cells.sku)) {
    cell.append(shown);
    return cell;
  }
  const label = fill(words.edit_cell, { column: columnName(column), value: shown || words.empty_cell });
  const button = make("button", { type: "button", "aria-label": label, "data-column": column, onclick: () => editCell(cell, place.table, row, column, refresh) }, shown || "–");
  cell.append(button);
  return cell;
}

function rowOf(row) {
  const buttons = make("td", { class: "buttons" });
  if (place.table !== "facts") buttons.append(make("button", { type: "button", class: "small quiet", onclick: () => openRow(place.table, row, refresh) }, words.all_fields));
  if (row.as_of) buttons.append(make("button", { type: "button", class: "small quiet", onclick: () => askRemove(row) }, words.remove));
  return make("tr", { "data-key": row.key }, ...SHOWN[place.table].map((column) => cellOf(row, column)), asOf(row), buttons);
}

function withKinds(rows) {
  const parts = [];
  let kind = "";
  for (const row of rows) {
    if (place.table === "facts" && row.kind !== kind) parts.push(make("tr", { class: "kind" }, make("th", { scope: "rowgroup", colspan: SHOWN.facts.length + 2 }, words[`k_${row.kind}`])));
    kind = row.kind;
    parts.push(rowOf(row));
  }
  return parts;
}

async function refresh() {
  const turn = ++asked;
  const { table, start } = place;
  const limit = table === "facts" ? 200 : LIMIT;
  const query = new URLSearchParams({ q: at("search").value.trim(), start, limit, kind: place.kind });
  if (at("stale-only").checked) query.set("stale", "1");
  try {
    const [page] = await Promise.all([call("GET", `${base}/${table}?${query}`), readStates(showKind)]);
    if (turn !== asked) return;
    show(page, start, limit);
  } catch (error) {
    tell(error);
  }
}

function show(page, start, limit) {
  at("columns").replaceChildren(...SHOWN[place.table].map((column) => make("th", { scope: "col" }, columnName(column))), make("th", { scope: "col" }, words.as_of), make("th", { scope: "col" }, make("span", { class: "hidden" }, words.actions)));
  at("rows").replaceChildren(...withKinds(page.rows));
  at("nothing").hidden = page.total > 0;
  at("place").textContent = page.total > 0 ? fill(words.shown_of, { from: number(start + 1), to: number(start + page.rows.length), total: number(page.total) }) : "";
  at("earlier").hidden = start === 0;
  at("later").hidden = start + limit >= page.total;
}

function askRemove(row) {
  const sure = at("sure");
  const text = place.table === "orders" ? words.remove_order_sure : words.remove_sure;
  at("sure-title").textContent = fill(text, { name: row.title || row.key });
  say(sure.querySelector(".notice"), "");
  at("sure-yes").onclick = async () => {
    try {
      await change(place.table, [], [row.key]);
      sure.close();
      done(words.removed);
      await refresh();
    } catch (error) {
      say(sure.querySelector(".notice"), messageOf(error), "bad");
    }
  };
  sure.showModal();
}

// A kind's tile leads to the table in which it stands, to what is stale where something is.
function showKind(state) {
  const table = { order: "orders", invoice: "facts", returns: "facts", promotion: "facts", shop: "facts", shipping: "shipping" }[state.kind] || "products";
  at("stale-only").checked = state.stale > 0;
  at("search").value = "";
  open(table, table === "facts" ? state.kind : "");
}

function open(table, kind = "") {
  Object.assign(place, { table, start: 0, kind });
  history.replaceState(null, "", `#${table}`);
  for (const tab of document.querySelectorAll("[data-tab]")) tab.dataset.tab === table ? tab.setAttribute("aria-current", "true") : tab.removeAttribute("aria-current");
  for (const kind of ["csv", "xlsx"]) at(`export-${kind}`).href = `/api/v1${base}/${table}/export?format=${kind}`;
  at("add").hidden = table === "facts";
  refresh();
}

function listen() {
  const soon = later(refresh, 200);
  at("search").addEventListener("input", () => {
    place.start = 0;
    soon();
  });
  at("stale-only").addEventListener("change", () => {
    Object.assign(place, { start: 0, kind: at("stale-only").checked ? place.kind : "" });
    refresh();
  });
  for (const tab of document.querySelectorAll("[data-tab]"))
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      open(tab.dataset.tab);
    });
  for (const [id, step] of [["earlier", -LIMIT], ["later", LIMIT]])
    at(id).addEventListener("click", () => {
      place.start = Math.max(0, place.start + step);
      refresh();
    });
  at("add").addEventListener("click", () => openRow(place.table, null, refresh));
  at("import").addEventListener("click", () => openImport(place.table, refresh));
  at("undo").addEventListener("click", undo);
}

async function undo() {
  try {
    const undone = await call("POST", `${shopBase}/fact-undo`);
    const kept = undone.kept.length ? fill(words.undone_kept, { kept: undone.kept.join("、") }) : "";
    done(fill(words.undone, undone) + kept);
    await refresh();
  } catch (error) {
    tell(error);
  }
}

try {
  await whoAmI();
  listen();
  const wanted = location.hash.slice(1);
  open(wanted in SHOWN ? wanted : "products");
} catch (error) {
  tell(error);
}
