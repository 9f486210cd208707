// The bubbles: what was said in order, then what waits to be sent. Everything that people wrote goes in as text.
import { element } from "../shared/element.js";

const GAP = 5 * 60 * 1000;
const LINK = /https?:\/\/[^\s\u3000-\u303f\uff00-\uffef\u4e00-\u9fff<>"']+/g;

export class Thread {
  constructor(list, words, pictures, actions) {
    Object.assign(this, { list, words, pictures, actions });
    this.bubbles = new Map();
    this.nodes = new Map();
    this.dates = new Map();
    this.greeting = null;
  }

  /** Take bubbles in; tell which of them were new. */
  take(bubbles) {
    const fresh = bubbles.filter((bubble) => !this.bubbles.has(bubble.id));
    for (const bubble of bubbles) this.bubbles.set(bubble.id, bubble);
    return fresh;
  }

  has(id) { return this.bubbles.has(id); }
  get size() { return this.bubbles.size; }

  clear() { this.bubbles.clear(); this.nodes.clear(); this.dates.clear(); }

  /** Bring the list up to date; `whole` says that nothing stands before the first bubble: there the shop greets. */
  show(unsent, whole) {
    const wanted = [];
    let before = 0, side = "";
    const place = (at, mine, node) => {
      if (at - before > GAP) { wanted.push(this.#date(at)); side = ""; }
      node.classList.toggle("turn", side !== String(mine));
      before = at; side = String(mine);
      wanted.push(node);
    };
    const sorted = this.#sorted();
    if (whole && this.greeting) place(sorted.length ? Date.parse(sorted[0].at) : Date.now(), false, this.greeting);
    for (const bubble of sorted) place(Date.parse(bubble.at), bubble.mine, this.#said(bubble));
    for (const item of unsent) place(Math.max(before, Date.now()), true, this.#unsent(item));
    wanted.forEach((node, index) => {
      if (this.list.children[index] !== node) this.list.insertBefore(node, this.list.children[index] ?? null);
    });
    while (this.list.children.length > wanted.length) this.list.lastElementChild.remove();
  }

  welcome(text) {
    if (!this.greeting) { this.greeting = element("div", "row"); this.greeting.append(this.#text(text, false)); }
  }

  #sorted() {
    const begun = new Map();
    const parts = [...this.bubbles.values()].map((bubble) => {
      const cut = bubble.id.lastIndexOf(":");
      const conversation = bubble.id.slice(0, cut), number = Number(bubble.id.slice(cut + 1)), at = Date.parse(bubble.at);
      begun.set(conversation, Math.min(begun.get(conversation) ?? at, at));
      return { bubble, conversation, number };
    });
    parts.sort((a, b) => (a.conversation === b.conversation ? a.number - b.number : begun.get(a.conversation) - begun.get(b.conversation)));
    return parts.map((part) => part.bubble);
  }

  #date(at) {
    const minute = Math.floor(at / 60000);
    if (!this.dates.has(minute)) this.dates.set(minute, element("div", "when", this.#when(at)));
    return this.dates.get(minute);
  }

  #when(at) {
    const date = new Date(at), lang = this.words.htmlLang;
    const time = date.toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hour12: false });
    const day = new Date(date).setHours(0, 0, 0, 0), today = new Date().setHours(0, 0, 0, 0);
    if (day === today) return `${this.words.today} ${time}`;
    if (today - day <= 90000000) return `${this.words.yesterday} ${time}`;
    return `${date.toLocaleDateString(lang, { year: date.getFullYear() === new Date().getFullYear() ? undefined : "numeric", month: "short", day: "numeric" })} ${time}`;
  }

  #said(bubble) {
    const known = this.nodes.get(bubble.id);
    if (known) return known;
    // A bubble that was waiting here stays the same node: nothing jumps when the shop has it.
    const waiting = bubble.key ? this.nodes.get(bubble.key) : undefined;
    this.nodes.delete(bubble.key);
    const row = waiting ?? element("div", bubble.mine ? "row mine" : "row");
    row.classList.remove("unsent");
    row.dataset.id = bubble.id;
    const whose = element("span", "hidden", `${bubble.mine ? this.words.me : this.words.shop}: `);
    const bodies = [];
    if (bubble.text || !bubble.image) bodies.push(this.#text(bubble.text, !bubble.mine, this.bubbles.get(bubble.quotes)));
    if (bubble.image) bodies.push(this.#picture(bubble.image));
    const foot = element("p", "foot", bubble.auto ? this.words.automatic : "");
    row.replaceChildren(whose, ...bodies, foot);
    this.nodes.set(bubble.id, row);
    return row;
  }

  #unsent(item) {
    let row = this.nodes.get(item.key);
    if (!row) {
      row = element("div", "row mine unsent");
      const body = item.file ? this.#local(item.file) : this.#text(item.text, false);
      row.append(body, element("p", "foot"));
      this.nodes.set(item.key, row);
    }
    const foot = row.lastElementChild;
    const state = `${item.state}:${item.problem ?? ""}`;
    if (foot.dataset.state === state) return row;
    foot.dataset.state = state;
    foot.className = item.state === "failed" ? "foot bad" : "foot";
    foot.replaceChildren();
    if (item.state !== "failed") { foot.textContent = item.problem || this.words[item.state]; return row; }
    foot.append(element("span", "", `${this.words.failed}: ${item.problem}`));
    foot.append(this.#button(this.words.retry, () => this.actions.retry(item)));
    if (item.text !== undefined) foot.append(this.#button(this.words.edit, () => this.actions.edit(item)));
    foot.append(this.#button(this.words.remove, () => this.actions.remove(item)));
    return row;
  }

  #button(text, act) {
    const button = element("button", "", text);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  #text(text, linked, quoted) {
    const bubble = element("div", "bubble");
    bubble.dir = "auto";
    if (quoted) bubble.append(element("q", "quote", quoted.text || this.words.picture));
    let from = 0;
    for (const match of linked ? text.matchAll(LINK) : []) {
      const link = element("a", "", match[0]);
      link.href = match[0];
      link.target = "_blank";
      link.rel = "noopener noreferrer nofollow";
      bubble.append(text.slice(from, match.index), link);
      from = match.index + match[0].length;
    }
    bubble.append(text.slice(from));
    return bubble;
  }

  #local(file) {
    const bubble = element("div", "bubble picture");
    this.#put(bubble, URL.createObjectURL(file));
    return bubble;
  }

  #picture(image) {
    const bubble = element("div", "bubble picture loading", this.words.picture);
    this.pictures.address(image).then(
      (address) => { bubble.classList.remove("loading"); this.#put(bubble, address); },
      () => { bubble.classList.replace("loading", "lost"); bubble.textContent = this.words.pictureLost; },
    );
    return bubble;
  }

  #put(bubble, address) {
    const image = element("img");
    image.alt = this.words.picture;
    image.addEventListener("load", () => this.actions.grown());
    image.src = address;
    const button = this.#button("", () => this.actions.enlarge(address));
    button.setAttribute("aria-label", this.words.enlarge);
    button.append(image);
    bubble.replaceChildren(button);
  }
}
