// The live connection: says hello, hands on what comes, and comes back by itself.
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const PING_EVERY = 15_000;
const SILENCE = 40_000;

export class LiveSocket {
  /** `hello` gives the first message; `receive` gets every other; `changed` hears "online", "offline" or "ended". */
  constructor(url, { hello, receive, changed }) {
    Object.assign(this, { url, hello, receive, changed });
    this.wait = FIRST_WAIT;
    this.socket = null;
    this.isReady = false;
    this.isOver = false;
    this.heardAt = 0;
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    setInterval(() => this.watch(), PING_EVERY);
  }

  connect() {
    if (this.isOver) return;
    clearTimeout(this.timer);
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.heardAt = Date.now();
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", batches: true, ...this.hello() }));
    socket.onmessage = (event) => this.socket === socket && this.take(JSON.parse(event.data));
    socket.onclose = (event) => this.socket === socket && this.lost(event.code);
  }

  take(message) {
    this.heardAt = Date.now();
    if (message.type === "batch") message.messages.forEach((each) => this.take(each));
    else if (message.type === "welcome") {
      this.isReady = true;
      this.wait = FIRST_WAIT;
      this.receive(message);
      this.changed("online");
    } else if (message.type !== "pong") this.receive(message);
  }

  lost(code) {
    this.isReady = false;
    this.socket = null;
    if (this.isOver) return;
    this.changed("offline", code);
    // A restarted server would else be met by all pages in the same moment.
    this.timer = setTimeout(() => this.connect(), this.wait * (0.7 + Math.random() * 0.6));
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
  }

  /** The network is back or somebody looks: try now. */
  hurry() {
    if (this.isOver || this.socket) return;
    this.wait = FIRST_WAIT;
    this.connect();
  }

  watch() {
    if (!this.socket) return;
    if (Date.now() - this.heardAt > SILENCE) {
      const dead = this.socket;
      this.lost(0); // a connection that says nothing any more may take minutes to be closed
      dead.close();
    } else this.send({ type: "ping" });
  }

  /** Whether the message left; what must not be lost is sent again by its owner after the next welcome. */
  send(message) {
    if (!this.isReady && message.type !== "ping") return false;
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  end() {
    this.isOver = true;
    this.isReady = false;
    clearTimeout(this.timer);
    this.socket?.close();
    this.socket = null;
  }
}
