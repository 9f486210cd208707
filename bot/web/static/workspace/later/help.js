// The sheet of keys. Loaded when somebody first asks for it.
import { byId, el } from "../dom.js";
import { t } from "../i18n.js";

const SHEET = [
  ["keys_queue", [["↑ ↓ ↵", "key_list"], ["Alt+↑ / Alt+↓", "key_step"], ["Alt+J", "key_urgent"], ["Alt+Q", "key_search"], ["Esc", "key_back"]]],
  ["keys_write", [["↵", "key_send"], ["Ctrl+↵", "key_send_next"], ["Shift+↵", "key_newline"], ["1 2 3", "key_insert"], ["Alt+↵", "key_send_first"], ["/  、  ／", "key_phrases"], ["Tab", "key_stop"], ["Alt+Z", "key_undo"]]],
  ["keys_conversation", [["Alt+K", "key_take"], ["Alt+L", "key_hand"], ["Alt+P", "key_aside"], ["Alt+X", "key_close"], ["Alt+N", "key_note"], ["Alt+M", "key_messages"]]],
  ["keys_help", [["F1  ?", "key_help"]]],
];

const keys = (names) => names.split("  ").map((each) => el("kbd", {}, each));

for (const [title, rows] of SHEET) byId("key-sheet").append(el("h3", {}, t(title)), el("dl", {}, ...rows.flatMap(([names, what]) => [el("dt", {}, ...keys(names)), el("dd", {}, t(what))])));
byId("help-close").addEventListener("click", () => byId("help").close());

export function showHelp() {
  const sheet = byId("help");
  if (!sheet.open) sheet.showModal();
}
