// What the page's modules share: its shop, its words, and how figures and names are written.
import { words } from "../accounts/requests.js";

const { shop, zone, longest, known } = document.body.dataset;
export { shop, zone };
export const base = `/shops/${encodeURIComponent(shop)}`;
export const LONGEST = Number(longest);
export const { variables, intents, intentNames, factNames, cases } = JSON.parse(known);
export const at = (id) => document.getElementById(id);
export const percent = (share) => new Intl.NumberFormat(words.lang, { style: "percent", maximumFractionDigits: 1 }).format(share);
export const number = (count) => new Intl.NumberFormat(words.lang).format(count);
export const factName = (name) => factNames[name] ?? name;

// Calls `work` once nothing has been asked for some time.
export function later(work, milliseconds) {
  let waiting = 0;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(work, milliseconds);
  };
}

// Asks with the page's own dialog; true when the person says yes.
export async function ask(title, text, yes, no) {
  return (await asked(title, text, yes, no)) !== null;
}

// As `ask`, with a field for a note; the note, null when the person does not say yes.
export function askForNote(title, text, yes, no) {
  return asked(title, text, yes, no, true);
}

function asked(title, text, yes, no, withNote = false) {
  const dialog = at("dialog");
  const note = at("dialog-note");
  at("dialog-field").hidden = !withNote;
  note.value = "";
  at("dialog-yes").className = withNote ? "primary" : "danger";
  at("dialog-title").textContent = title;
  at("dialog-text").textContent = text;
  at("dialog-yes").textContent = yes;
  at("dialog-no").textContent = no;
  return new Promise((resolve) => {
    at("dialog-yes").onclick = () => dialog.close("yes");
    at("dialog-no").onclick = () => dialog.close("no");
    dialog.returnValue = "no";
    dialog.onclose = () => resolve(dialog.returnValue === "yes" ? note.value.trim() : null);
    dialog.showModal();
    if (withNote) note.focus();
  });
}
