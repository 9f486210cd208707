// Chatwoot as a host: what its dashboard apps are told, in our words. It offers an app no way to write into its composer.
export const ASK = "chatwoot-dashboard-app:fetch-info";
const INCOMING = 0; // its message_type of what the contact wrote; 1 is what the shop wrote
const OUTGOING = 1;

/** Return the conversation in view, or null for what is no context of Chatwoot's. `place` says in which inbox it is. */
export function readContext(raw, origin) {
  if (typeof raw !== "string" || !raw.startsWith("{")) return null;
  let packet;
  try {
    packet = JSON.parse(raw);
  } catch {
    return null;
  }
  if (packet?.event !== "appContext") return null;
  const conversation = packet.data?.conversation ?? {};
  const contact = packet.data?.contact ?? {};
  const messages = Array.isArray(conversation.messages) ? conversation.messages : [];
  const turns = messages
    .filter((message) => !message.private && message.content && (message.message_type === INCOMING || message.message_type === OUTGOING))
    .map((message) => ({ role: message.message_type === INCOMING ? "buyer" : "agent", text: String(message.content) }));
  return {
    buyer: { id: `chatwoot:${conversation.id ?? contact.id ?? ""}`, name: String(contact.name ?? "") },
    turns,
    place: { origin, account: whole(conversation.account_id ?? messages[0]?.account_id), inbox: whole(conversation.inbox_id) },
  };
}

function whole(value) {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}
