// What the page's modules share beside what all pages of the console do: names of facts and intents, and its dialog.
import { at } from "../shared/shop_page.js";

export { at, base, later, number, percent, shop, tell } from "../shared/shop_page.js";
const { zone, longest, known } = document.body.dataset;
export { zone };
export const LONGEST = Number(longest);
export const { variables, intents, intentNames, factNames, cases } = JSON.parse(known);
export const factName = (name) => factNames[name] ?? name;

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
