// Pictures as SVG: a day's replies as bars with axes, the entries used most, and a small trend. Nothing but shapes and text.
import { shape } from "../shared/shapes.js";

const KINDS = ["taken", "edited", "auto"];

const titled = (text, ...shapes) => shape("g", {}, shape("title", {}, text), ...shapes);

/** Whole, round steps for an axis from nought to at least `most`. */
function steps(most) {
  const rough = Math.max(1, most) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].find((each) => each * power >= rough) * power);
  return Array.from({ length: Math.ceil(Math.max(1, most) / step) + 1 }, (_, index) => index * step);
}

const sum = (day, kinds = KINDS) => kinds.reduce((total, kind) => total + (day[kind] ?? 0), 0);

/** Days as bars of what was sent, one kind upon the other, and what was offered as a line. `lineOf` says a day in words. */
export function dayChart(box, days, { label, lineOf, kinds = KINDS, line = "" }) {
  const width = Math.max(300, box.clientWidth);
  const height = 220;
  const left = 38;
  const bottom = 24;
  const ticks = steps(Math.max(...days.map((day) => Math.max(sum(day, kinds), line ? day[line] : 0))));
  const top = ticks.at(-1);
  const y = (value) => 8 + (height - bottom - 8) * (1 - value / top);
  const slot = (width - left) / days.length;
  const thick = Math.max(1, Math.min(28, slot * 0.7));
  const middle = (index) => left + slot * (index + 0.5);
  const grid = ticks.flatMap((tick) => [
    shape("line", { class: "rule", x1: left, x2: width, y1: y(tick), y2: y(tick) }),
    shape("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, tick),
  ]);
  const every = Math.ceil(days.length / Math.max(2, Math.floor((width - left) / 64)));
  const names = days.map((day, index) => (index % every ? null : shape("text", { x: middle(index), y: height - 6, "text-anchor": "middle" }, day.day.slice(5))));
  const bars = days.map((day, index) => {
    let foot = 0;
    const stacked = kinds.filter((kind) => day[kind]).map((kind) => {
      const from = foot;
      foot += day[kind];
      return shape("rect", { class: kind, x: middle(index) - thick / 2, width: thick, y: y(foot), height: y(from) - y(foot) });
    });
    return titled(lineOf(day), shape("rect", { class: "back", x: left + slot * index, width: slot, y: 0, height: height - bottom }), ...stacked);
  });
  const path = line ? shape("polyline", { class: "line", points: days.map((day, index) => `${middle(index).toFixed(1)},${y(day[line]).toFixed(1)}`).join(" ") }) : null;
  box.replaceChildren(shape("svg", { role: "img", "aria-label": label, viewBox: `0 0 ${width} ${height}` }, ...grid, ...bars, path, ...names.filter(Boolean)));
}

/** Entries as bars beside their names: how often shown, and over it how often sent. */
export function entryChart(box, entries, { label, lineOf, nameOf }) {
  const width = Math.max(300, box.clientWidth);
  const narrow = width < 560;
  const left = narrow ? 8 : Math.min(300, width * 0.36);
  const high = narrow ? 46 : 30;
  const axis = 22;
  const ticks = steps(Math.max(...entries.map((entry) => Math.max(entry.shown, sum(entry)))));
  const x = (value) => left + (width - left - 16) * (value / ticks.at(-1));
  const height = entries.length * high + axis;
  const grid = ticks.flatMap((tick) => [
    shape("line", { class: "rule", x1: x(tick), x2: x(tick), y1: 0, y2: height - axis }),
    shape("text", { x: x(tick), y: height - 6, "text-anchor": "middle" }, tick),
  ]);
  const longest = Math.floor((narrow ? width : left) / 13.5);
  const rows = entries.map((entry, index) => {
    const top = index * high + (narrow ? 22 : 5);
    const name = nameOf(entry);
    const shown = name.length > longest ? `${name.slice(0, longest - 1)}…` : name;
    let from = 0;
    const bars = KINDS.filter((kind) => entry[kind]).map((kind) => {
      const begin = from;
      from += entry[kind];
      return shape("rect", { class: kind, x: x(begin), width: x(from) - x(begin), y: top + 3, height: 14 });
    });
    const place = narrow ? { x: left, y: top - 5 } : { x: left - 10, y: top + 15, "text-anchor": "end" };
    return titled(lineOf(entry), shape("rect", { class: "back", x: 0, width, y: index * high, height: high }),
      shape("text", { class: "name", ...place }, shown),
      shape("rect", { class: "shown", x: left, width: x(entry.shown) - left, y: top, height: 20, rx: 3 }), ...bars);
  });
  box.replaceChildren(shape("svg", { role: "img", "aria-label": label, viewBox: `0 0 ${width} ${height}` }, ...grid, ...rows));
}

/** A line of counts without axes, for a table; its words stand in the table's other cells. */
export function spark(counts) {
  const most = Math.max(1, ...counts);
  const points = counts.map((count, index) => `${((96 * index) / Math.max(1, counts.length - 1)).toFixed(1)},${(22 - (20 * count) / most).toFixed(1)}`);
  return shape("svg", { viewBox: "0 0 96 24", "aria-hidden": "true" }, shape("polyline", { class: "spark", points: points.join(" ") }));
}
