// What the browser keeps for one shop's chat: its secret token, and texts that were not sent yet. Never a cookie.

export class Identity {
  constructor(shop) {
    this.name = `kuaihui-chat:${shop}`;
    this.memory = new Map();
    this.lasting = true;
  }

  get token() { return this.#read(this.name) ?? ""; }
  set token(value) { this.#write(this.name, value); }

  get unsent() {
    try {
      const kept = JSON.parse(this.#read(`${this.name}:unsent`) ?? "[]");
      return kept.filter((item) => typeof item.key === "string" && typeof item.text === "string");
    } catch { return []; }
  }

  set unsent(items) { this.#write(`${this.name}:unsent`, JSON.stringify(items)); }

  #read(name) {
    try { return localStorage.getItem(name) ?? this.memory.get(name) ?? null; }
    catch { this.lasting = false; return this.memory.get(name) ?? null; }
  }

  #write(name, value) {
    this.memory.set(name, value);
    // A frame in another site may be forbidden to keep anything: then it lasts as long as the page.
    try { localStorage.setItem(name, value); } catch { this.lasting = false; }
  }
}
