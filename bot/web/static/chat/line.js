// The line to the shop: a WebSocket that comes back by itself.

const PAUSES = [400, 1000, 2000, 4000, 8000, 15000];
const PING = 25000;
const SILENCE = 60000;

export class Line {
  constructor(address, hello, hear, tellState) {
    Object.assign(this, { address, hello, hear, tellState, tries: 0, ready: false, heard: 0 });
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.socket?.close());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.hurry(); });
    addEventListener("pageshow", (event) => { if (event.persisted) this.hurry(); });
    setInterval(() => this.#beat(), PING);
    this.open();
  }

  open() {
    clearTimeout(this.waiting);
    const socket = new WebSocket(this.address);
    this.socket = socket;
    socket.onopen = () => {
      this.heard = Date.now();
      socket.send(JSON.stringify({ type: "hello", ...this.hello() }));
    };
    socket.onmessage = (event) => {
      this.heard = Date.now();
      const said = JSON.parse(event.data);
      if (said.type === "welcome") { this.ready = true; this.tries = 0; this.tellState(true); }
      this.hear(said);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.ready = false;
      this.tellState(false);
      const pause = PAUSES[Math.min(this.tries++, PAUSES.length - 1)];
      this.waiting = setTimeout(() => this.open(), pause * (0.7 + Math.random() * 0.6));
    };
  }

  say(message) {
    if (!this.ready || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  /** Look at once: the network is back, or somebody looks at the page again. */
  hurry() {
    if (!this.socket) { this.tries = 0; this.open(); } else this.#beat();
  }

  /** Give up this socket: it answers no longer. */
  drop() {
    const socket = this.socket;
    if (!socket) return;
    socket.onclose?.();
    socket.onclose = socket.onmessage = null;
    socket.close();
  }

  #beat() {
    if (!this.ready) return;
    if (Date.now() - this.heard > SILENCE) this.drop();
    else this.say({ type: "ping" });
  }
}
