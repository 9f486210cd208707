// What the scripts of this page share.
import { say } from "../accounts/requests.js";
import { at, tell as tellAbove } from "../shared/shop_page.js";

/** Tell a refusal where it is seen: the page is long. */
export function tell(error) {
  tellAbove(error);
  at("problem").scrollIntoView({ block: "nearest" });
}

/** Do the work, read the page anew with `again`, and say what was done. What was refused stays told: nothing is read anew then. */
export async function settle(work, said, again) {
  try {
    await work();
    await again();
    say(at("done"), said, "good");
  } catch (error) {
    tell(error);
  }
}
