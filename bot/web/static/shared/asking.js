// The page's own dialog (#dialog, with #dialog-yes and #dialog-no): asks before something is done that matters.
import { at } from "./shop_page.js";

/** Ask; true when the person says yes. `said` gives the dialog's parts their texts, by the end of their ids. */
export function ask(said = {}) {
  const dialog = at("dialog");
  for (const [part, text] of Object.entries(said)) at(`dialog-${part}`).textContent = text;
  return new Promise((resolve) => {
    at("dialog-yes").onclick = () => dialog.close("yes");
    at("dialog-no").onclick = () => dialog.close("no");
    dialog.returnValue = "no"; // what Escape leaves
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
    dialog.showModal();
  });
}
