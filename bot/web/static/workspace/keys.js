// The keyboard. All of these are free of browsers and input methods; letters are told by their place, for macOS types ∆ with ⌥J.
import * as actions from "./actions.js";
import { focusComposer, isEmpty } from "./composer.js";
import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { mostUrgent } from "./ordering.js";
import { focusQueue, step } from "./queue.js";
import { undo } from "./sending.js";
import { state, tell } from "./store.js";
import { answer, sendFirst } from "./suggestions.js";

export const showHelp = async () => (await import("./later/help.js")).showHelp();

function go(open, conversation) {
  if (conversation) open(conversation.shop, conversation.id);
}

function withAlt(open) {
  return {
    ArrowDown: () => go(open, step(1)),
    ArrowUp: () => go(open, step(-1)),
    Enter: () => sendFirst() || tell("say", t("no_suggestion")),
    KeyJ: () => {
      const next = mostUrgent(state.open);
      if (next) go(open, next);
      else tell("say", t("nobody_waits"));
    },
    KeyK: actions.take,
    KeyL: actions.handOver,
    KeyP: actions.putAside,
    KeyX: actions.close,
    KeyZ: () => undo() || tell("say", t("nothing_to_undo")),
    KeyQ: () => byId("search").focus(),
    KeyN: () => state.open && byId("note").focus(),
    KeyM: () => state.open && byId("messages").focus(),
  };
}

function isWriting(target) {
  return target.matches("input, textarea, select");
}

function escape(event) {
  if (!state.open || event.target === byId("queue-list")) return;
  if (event.target === byId("text") || !isWriting(event.target)) focusQueue();
  else focusComposer();
  event.preventDefault();
}

export function startKeys(open) {
  const alt = withAlt(open);
  byId("show-help").addEventListener("click", showHelp);
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]")) return;
    const plain = !event.ctrlKey && !event.metaKey;
    if (event.altKey && plain && !event.shiftKey && alt[event.code]) {
      event.preventDefault();
      alt[event.code]();
    } else if (event.key === "Enter" && !plain && !event.altKey && state.open && (event.target === byId("text") || !isWriting(event.target))) {
      event.preventDefault();
      answer().then((sent) => sent && alt.KeyJ());
    } else if (event.key === "F1" || (/^[?？]$/.test(event.key) && plain && (!isWriting(event.target) || (event.target === byId("text") && isEmpty())))) {
      event.preventDefault();
      showHelp();
    } else if (event.key === "Escape" && !event.defaultPrevented) escape(event);
  });
}
