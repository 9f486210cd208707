// The page that the panel is embedded in, if any: our own contract (docs/sidebar.md), and Chatwoot's dashboard apps.
import { ASK as CHATWOOT_ASK, readContext } from "./chatwoot.js";

const VERSION = 1;
const LOOK_AGAIN = 3000; // Chatwoot tells of another conversation by itself, of a new message only when asked

/** Bubbles that the shop has not answered yet, as one message, and the turns before them. */
export function unanswered(turns) {
  let start = turns.length;
  while (start > 0 && turns[start - 1].role === "buyer") start -= 1;
  return { text: turns.slice(start).map((turn) => turn.text).join("\n"), history: turns.slice(0, start) };
}

export class Host {
  /** `on` gets {buyer, text, history, item, place} for every message; `origins` are those that the shop allows. */
  constructor(origins, on) {
    this.origins = new Set(origins);
    this.on = on;
    this.origin = null; // known once the host has spoken
    this.embedded = window.parent !== window;
    if (this.embedded) window.addEventListener("message", (event) => this.hear(event));
  }

  start(shop) {
    if (!this.embedded) return;
    this.known = ""; // what was heard before we could ask is worth hearing again
    this.post({ type: "ready", shop });
    this.post({ type: "get-buyer" });
    this.post({ type: "get-message" });
    this.postRaw(CHATWOOT_ASK);
  }

  get canInsert() {
    return this.origin !== null && !this.chatwoot;
  }

  insert(text, suggestion) {
    this.post({ type: "insert", text, suggestion });
  }

  post(message) {
    this.postRaw({ kuaihui: VERSION, ...message });
  }

  // To the allowed origins only: the browser drops what is addressed to another.
  postRaw(message) {
    const targets = this.origin === null ? this.origins : [this.origin];
    for (const origin of targets) window.parent.postMessage(message, origin);
  }

  hear(event) {
    if (event.source !== window.parent || !this.origins.has(event.origin)) return;
    const context = readContext(event.data, event.origin);
    if (context) {
      this.hearChatwoot(context);
      return;
    }
    const said = event.data;
    if (typeof said !== "object" || said === null || said.kuaihui !== VERSION) return;
    this.origin = event.origin;
    const buyer = { id: String(said.buyer?.id ?? ""), name: String(said.buyer?.name ?? "") };
    if (said.type === "buyer") this.on({ buyer, text: "", history: null, item: String(said.item ?? "") });
    if (said.type === "message" && typeof said.text === "string") {
      const history = Array.isArray(said.history) ? said.history.filter((turn) => typeof turn?.text === "string") : null;
      this.on({ buyer, text: said.text, history, item: String(said.item ?? "") });
    }
  }

  hearChatwoot({ buyer, turns, place }) {
    if (!this.chatwoot) setInterval(() => document.visibilityState === "visible" && this.postRaw(CHATWOOT_ASK), LOOK_AGAIN);
    this.origin = place.origin;
    this.chatwoot = true;
    const known = JSON.stringify([buyer, turns, place]);
    if (known === this.known) return;
    this.known = known;
    this.on({ buyer, ...unanswered(turns), item: "", place });
  }
}
