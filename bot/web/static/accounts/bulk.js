// Accounts from a table: a preview with what is wrong by row and column, then all of them or none.
import { encoded } from "../shared/sending.js";
import { call, fill, make, wallTime, words } from "./requests.js";

const COLUMNS = { login: "login", name: "name", shops: "shops", role: "role", from: "from", until: "to", hours: "hours" };

function grid(columns, rows) {
  return make("div", { class: "scroll card flush" }, make("table", { class: "grid" },
    make("thead", {}, make("tr", {}, ...columns.map((each) => make("th", { scope: "col" }, each)))),
    make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, String(cell)))))),
  ));
}

// A spreadsheet must not take a cell for a formula.
const cell = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

function download(accounts) {
  const lines = [["login", "name", "password"], ...accounts.map((each) => [each.login, each.name, each.password])];
  const blob = new Blob(["\ufeff", lines.map((line) => line.map(cell).join(",")).join("\r\n")], { type: "text/csv" });
  const link = make("a", { href: URL.createObjectURL(blob), download: "kuaihui-accounts.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function openBulk({ load, nameOf }) {
  const form = document.getElementById("bulk-form");
  const file = document.getElementById("file");
  const name = document.getElementById("file-name");
  const create = document.getElementById("create-all");
  const result = document.getElementById("bulk-result");

  const source = async () => (file.files.length ? { file: await encoded(file.files[0]) } : { table: form.elements.table.value });
  const changed = () => {
    create.disabled = true;
    result.replaceChildren();
  };

  async function send(dryRun) {
    try {
      const answer = await call("POST", "/team/accounts/bulk", { ...(await source()), dry_run: dryRun });
      show(answer, dryRun);
      if (answer.created) {
        form.reset();
        name.textContent = "";
        await load();
      }
    } catch (error) {
      create.disabled = true;
      const messages = Object.values(error.fields || {});
      result.replaceChildren(make("p", { class: "notice bad" }, messages.join(" ") || error.message));
    }
  }

  function show(answer, dryRun) {
    create.disabled = !dryRun || answer.errors.length > 0 || answer.accounts.length === 0;
    if (answer.errors.length) {
      result.replaceChildren(
        make("p", { class: "notice bad" }, fill(words.errors_found, { count: answer.errors.length })),
        grid([words.row, words.column, words.problem], answer.errors.map((each) => [each.row, words[COLUMNS[each.column]] ?? each.column, each.message])),
      );
      return;
    }
    const columns = [words.login, words.name, words.shops, words.role, words.from, words.to, words.hours];
    const rows = answer.accounts.map((each) => [each.login, each.name, each.shops.map(nameOf).join("、"), words[each.role] || "", wallTime(each.since), wallTime(each.until), each.hours]);
    if (answer.created) {
      columns.push(words.password);
      rows.forEach((row, at) => row.push(answer.accounts[at].password));
    }
    const head = fill(answer.created ? words.created : words.will_create, { count: answer.created || answer.accounts.length });
    result.replaceChildren(
      make("p", { class: `notice ${answer.created ? "warn" : ""}` }, answer.created ? `${head} · ${words.shown_once}` : head),
      answer.created ? make("div", {}, make("button", { type: "button", onclick: () => download(answer.accounts) }, words.download)) : "",
      grid(columns, rows),
    );
  }

  form.elements.table.addEventListener("input", () => {
    file.value = "";
    name.textContent = "";
    changed();
  });
  file.addEventListener("change", () => {
    name.textContent = file.files[0]?.name || "";
    changed();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(true);
  });
  create.addEventListener("click", () => {
    create.disabled = true;
    send(false);
  });
}
