// A table imported from a file or from the clipboard: previewed row by row, then applied.
import { call, fill, make, Refused, say, words } from "../accounts/requests.js";
import { encoded } from "../shared/sending.js";
import { at, number, tell } from "../shared/shop_page.js";
import { base, columnName, columns, done, MOST_BYTES, tooLarge } from "./pieces.js";

const LISTED = 100;
const KINDS = { new: "good", changed: "warn", same: "" };

async function bodyOf(form) {
  const file = form.elements.file.files[0];
  const choices = { replace: form.elements.mode.value === "replace", skip_bad: form.elements.skip_bad.checked, lenient: form.elements.lenient.checked };
  if (!file) return { ...choices, table: form.elements.table.value };
  if (file.size > MOST_BYTES) throw new Refused(413, { message: tooLarge() });
  return { ...choices, name: file.name, file: await encoded(file) };
}

function report(found) {
  const wrong = new Set(found.errors.map((error) => error.row)).size;
  const counts = { new: 0, changed: 0, same: 0 };
  for (const verdict of found.verdicts) counts[verdict.verdict] += 1;
  const summary = fill(words.counts, { rows: number(found.rows), wrong: number(wrong), removed: number(found.removed.length), ...counts });
  const lines = [
    ...found.errors.map((error) => [error.row, make("span", { class: "chip bad" }, words.wrong), `${columnName(error.column)}：${error.message}`]),
    ...found.verdicts.map((each) => [each.row, make("span", { class: `chip ${KINDS[each.verdict]}` }, words[each.verdict]), each.title || each.key]),
  ];
  const rows = lines.slice(0, LISTED).map(([row, chip, text]) => make("tr", {}, make("td", {}, fill(words.row, { row })), make("td", {}, chip), make("td", {}, text)));
  return [
    make("p", { class: `notice ${wrong ? "warn" : ""}` }, summary),
    found.removed.length > 0 && make("p", { class: "notice warn" }, fill(words.gone, { names: found.removed.slice(0, 20).join("、") })),
    make("div", { class: "report", tabindex: 0, role: "group", "aria-label": words.preview }, make("table", { class: "grid" }, make("tbody", {}, ...rows))),
    lines.length > LISTED && make("p", { class: "soft small" }, fill(words.first_rows, { count: number(LISTED) })),
  ].filter(Boolean);
}

export function openImport(tab, after) {
  const dialog = at("import-dialog");
  const form = at("import-form");
  const notice = form.querySelector(".notice");
  const table = () => (tab === "products" ? form.elements.into.value : tab);
  const changed = () => {
    at("import-apply").disabled = true;
    at("import-report").replaceChildren();
    at("import-columns").textContent = fill(words.columns_are, { columns: columns[table()].map(columnName).join("、") });
  };

  async function send(path) {
    say(notice, "");
    const buttons = [at("import-preview"), at("import-apply")];
    for (const button of buttons) button.disabled = true;
    form.setAttribute("aria-busy", "true");
    try {
      return await call("POST", `${base}/${table()}/import${path}`, await bodyOf(form));
    } catch (error) {
      tell(error, notice);
      return null;
    } finally {
      form.removeAttribute("aria-busy");
      at("import-preview").disabled = false;
    }
  }

  form.reset();
  say(notice, "");
  at("import-title").textContent = fill(words.import_to, { table: words[tab] });
  at("into-field").hidden = tab !== "products";
  changed();
  form.oninput = changed;
  form.onchange = changed;
  at("import-preview").onclick = async () => {
    const found = await send("?dry_run=1");
    if (!found) return;
    at("import-report").replaceChildren(...report(found));
    at("import-apply").disabled = found.ok === 0 && found.removed.length === 0;
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    const found = await send("");
    if (!found) return;
    at("import-report").replaceChildren(...report(found));
    if (found.errors.length && !found.written) {
      say(notice, words.not_imported, "bad");
      return;
    }
    dialog.close();
    const lost = !found.undoable && found.table !== "orders" && found.verdicts.some((each) => each.verdict !== "same");
    done(fill(words.imported, { written: number(found.written) }) + (lost ? words.cannot_undo : ""));
    await after();
  };
  dialog.showModal();
}
