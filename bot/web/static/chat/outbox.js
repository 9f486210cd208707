// What the buyer wrote and the shop does not have yet: sent one after the other, again with the same key until it is taken.

const PATIENCE = 15000;
const AGAIN = 3000;
const KEPT = 50;

export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  constructor({ line, identity, upload, show }) {
    Object.assign(this, { line, identity, upload, show, items: [], busy: null });
    for (const { key, text } of identity.unsent) this.items.push({ key, text, state: "waiting" });
  }

  add(item) {
    this.items.push({ key: newKey(), state: "waiting", ...item });
    this.#changed();
    this.pump();
  }

  remove(key) {
    this.items = this.items.filter((item) => item.key !== key);
    this.#changed();
  }

  retry(key) {
    const item = this.#of(key);
    if (item) { item.state = "waiting"; item.problem = ""; this.#changed(); this.pump(); }
  }

  /** The shop has it: forget it, and go on with the next. */
  taken(key) {
    if (!this.#of(key)) return;
    if (this.busy === key) this.#rest();
    this.remove(key);
    this.pump();
  }

  refused(key, { code, problem, retryAfter }) {
    const item = this.#of(key);
    if (!item) return;
    this.#rest();
    if (code === "too_fast" || code === "unavailable" || code === "internal") {
      item.state = "waiting";
      item.problem = code === "too_fast" ? problem : "";
      this.again = setTimeout(() => this.pump(), (retryAfter ? retryAfter * 1000 : AGAIN) + 200);
    } else {
      item.state = "failed";
      item.problem = problem;
    }
    this.#changed();
    if (item.state === "failed") this.pump();
  }

  lost() {
    this.#rest();
    for (const item of this.items) if (item.state === "sending") item.state = "waiting";
    this.#changed();
  }

  async pump() {
    clearTimeout(this.again);
    const item = this.items.find((each) => each.state === "waiting");
    if (this.busy || !item || !this.line().ready) return;
    this.busy = item.key;
    item.state = "sending";
    item.problem = "";
    this.#changed();
    if (item.file) { await this.upload(item); return; }
    if (!this.line().say({ type: "say", key: item.key, text: item.text })) { this.lost(); return; }
    this.patience = setTimeout(() => this.line().drop(), PATIENCE);
  }

  #of(key) { return this.items.find((item) => item.key === key); }

  #rest() { this.busy = null; clearTimeout(this.patience); }

  #changed() {
    const texts = this.items.filter((item) => item.text !== undefined && item.state !== "failed").slice(-KEPT);
    this.identity.unsent = texts.map(({ key, text }) => ({ key, text }));
    this.show();
  }
}
