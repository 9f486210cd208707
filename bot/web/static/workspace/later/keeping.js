// "Keep as an entry": a sent reply becomes a draft that the owner reviews. Loaded when first used.
import { call, ofConversation } from "../api.js";
import { t } from "../i18n.js";
import { tell } from "../store.js";

export async function keep(shop, conversation, message) {
  try {
    const kept = await call("POST", `${ofConversation(shop, conversation)}/messages/${message.number}/keep`);
    tell("say", t(kept.is_new ? "kept_as_entry" : "kept_before"));
  } catch (error) {
    tell("say", error.message);
  }
}
