// Remembers, while the page is open, in which shop a text was copied: pasted into another one's reply it is noticed.
import { state, on } from "./store.js";

const KEPT = 30;
const SHORTEST = 6;
let copies = []; // {text, shop}

const plain = (text) => text.replace(/\s+/g, " ").trim();

function remember(text, shop) {
  const kept = plain(text);
  if (!shop || kept.length < SHORTEST) return;
  copies = [{ text: kept, shop }, ...copies.filter((copy) => copy.text !== kept)].slice(0, KEPT);
}

/** The other shop that the pasted text came from, if it was copied on this page. */
export function originOf(text, shop) {
  const pasted = plain(text);
  if (pasted.length < SHORTEST) return null;
  const from = copies.filter((copy) => copy.text === pasted || copy.text.includes(pasted) || pasted.includes(copy.text));
  if (!from.length || from.some((copy) => copy.shop === shop)) return null; // this shop says it too
  return state.shops.get(from[0].shop) ?? null;
}

function selected(event) {
  const field = event.target.closest?.("textarea, input");
  return field ? field.value.slice(field.selectionStart, field.selectionEnd) : String(getSelection());
}

export function startPasting() {
  for (const kind of ["copy", "cut"]) {
    document.addEventListener(kind, (event) => {
      const start = event.target.nodeType === Node.ELEMENT_NODE ? event.target : event.target.parentElement;
      remember(selected(event), start?.closest("[data-shop]")?.dataset.shop);
    });
  }
  on("copied", ({ text, shop }) => remember(text, shop));
  on("shop-lost", (shop) => {
    copies = copies.filter((copy) => copy.shop !== shop);
  });
}
