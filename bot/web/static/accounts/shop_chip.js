// A shop as a chip in its own colour; an idle one is not held now.
import { make, words } from "./requests.js";

export function shopChip(shop, text, idle) {
  const chip = make("span", { class: `chip shop of-shop${idle ? " idle" : ""}`, title: idle ? words.not_now : null }, text);
  if (/^#[0-9a-f]{6}$/i.test(shop?.colour || "")) chip.style.setProperty("--shop", shop.colour);
  return chip;
}
