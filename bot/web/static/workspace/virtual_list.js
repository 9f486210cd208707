// A list that draws only what is in sight: a thousand rows scroll as ten do. Rows have one height.
import { el } from "./dom.js";

const SPARE = 6;

export class VirtualList {
  /** `keyOf(item)` names a row; `make()` gives an empty one; `fill(row, item)` shows an item in it; `pick(item)` was chosen. */
  constructor(box, { rowHeight, keyOf, make, fill, pick }) {
    Object.assign(this, { box, rowHeight, keyOf, make, fill, pick });
    this.items = [];
    this.rows = new Map();
    this.active = null;
    this.spacer = el("div", { role: "presentation", class: "spacer" });
    box.append(this.spacer);
    box.addEventListener("scroll", () => this.draw(), { passive: true });
    box.addEventListener("keydown", (event) => this.onKey(event));
    box.addEventListener("click", (event) => this.onClick(event));
    box.addEventListener("focus", () => this.mark());
    box.addEventListener("blur", () => this.mark());
    new ResizeObserver(() => this.draw()).observe(box);
  }

  show(items) {
    this.items = items;
    this.places = new Map(items.map((item, place) => [this.keyOf(item), place]));
    this.spacer.style.height = `${items.length * this.rowHeight}px`;
    this.draw(true);
  }

  draw(refill = false) {
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.rowHeight) - SPARE);
    const last = Math.min(this.items.length, Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.rowHeight) + SPARE);
    const wanted = new Map(this.items.slice(first, last).map((item, place) => [this.keyOf(item), first + place]));
    const free = [...this.rows].filter(([key]) => !wanted.has(key));
    for (const [key] of free) this.rows.delete(key);
    for (const [key, place] of wanted) {
      const known = this.rows.get(key);
      const row = known ?? free.pop()?.[1] ?? this.made();
      if (!known || refill) this.fill(row, this.items[place]);
      this.rows.set(key, row);
      this.put(row, key, place);
    }
    for (const [, row] of free) row.remove();
    this.mark();
  }

  made() {
    const row = this.make();
    row.id = `row-${(this.made.count = (this.made.count ?? 0) + 1)}`;
    this.spacer.append(row);
    return row;
  }

  put(row, key, place) {
    row.dataset.key = key;
    row.style.transform = `translateY(${place * this.rowHeight}px)`;
    row.setAttribute("aria-posinset", place + 1);
    row.setAttribute("aria-setsize", this.items.length);
  }

  /** Show which row is open and which one the keyboard stands on. */
  mark() {
    const focused = document.activeElement === this.box;
    this.box.removeAttribute("aria-activedescendant");
    for (const [key, row] of this.rows) {
      row.setAttribute("aria-selected", String(key === this.selected));
      row.classList.toggle("active", focused && key === this.active);
      if (focused && key === this.active) this.box.setAttribute("aria-activedescendant", row.id);
    }
  }

  select(key) {
    this.selected = key;
    if (key) this.active = key;
    this.reveal(key);
    this.mark();
  }

  reveal(key) {
    const place = this.places?.get(key);
    if (place === undefined) return;
    const top = place * this.rowHeight;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + this.rowHeight > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + this.rowHeight - this.box.clientHeight;
  }

  onKey(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -Infinity, End: Infinity };
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const here = this.places?.get(this.active) ?? -1;
    if (event.key in moves && this.items.length) {
      const there = Math.min(this.items.length - 1, Math.max(0, here + moves[event.key]));
      this.active = this.keyOf(this.items[there]);
      this.reveal(this.active);
      this.draw();
    } else if ((event.key === "Enter" || event.key === " ") && here >= 0) this.pick(this.items[here]);
    else return;
    event.preventDefault();
  }

  onClick(event) {
    const key = event.target.closest("[data-key]")?.dataset.key;
    const place = this.places?.get(key);
    if (place !== undefined) this.pick(this.items[place]);
  }

  /** The item `step` places away from the open one. */
  beside(step) {
    if (!this.items.length) return null;
    const here = this.places.get(this.selected);
    if (here === undefined) return this.items[step > 0 ? 0 : this.items.length - 1];
    return this.items[here + step] ?? null;
  }
}
