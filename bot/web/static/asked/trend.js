// How often something was asked day by day, as small bars.
import { fill, words } from "../accounts/requests.js";
import { shape } from "../shared/shapes.js";
import { number } from "../shared/shop_page.js";

const WIDTH = 124;
const HEIGHT = 26;

export function trend(days) {
  const most = Math.max(1, ...days);
  const step = WIDTH / days.length;
  const picture = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "trend", role: "img", "aria-label": fill(words.trend, { counts: days.map(number).join(", ") }) });
  picture.append(shape("path", { d: `M0 ${HEIGHT - 0.5}H${WIDTH}`, stroke: "currentColor", "stroke-opacity": "0.35" }));
  for (const [day, count] of days.entries()) {
    const height = (count / most) * (HEIGHT - 2);
    if (count) picture.append(shape("rect", { x: day * step, y: HEIGHT - 1 - height, width: Math.max(1, step - 1), height, fill: "currentColor", rx: "0.6" }));
  }
  return picture;
}
