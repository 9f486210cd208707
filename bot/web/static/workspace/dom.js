// Elements from plain data. Strings become text nodes, never markup: buyers write whatever they like.
const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  back: "M15 5l-7 7 7 7",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 20.5a2.2 2.2 0 0 0 4 0",
  bellOff: "M6 16V11a6 6 0 0 1 9.5-4.9M18 11v5l2 2H8M10 20.5a2.2 2.2 0 0 0 4 0M4 4l16 16",
  check: "M5 12.5l4.5 4.5L19 7.5",
  clock: "M12 7v5l3 2M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM6 15H5V4h10v2",
  hand: "M4 12h13M12 6l6 6-6 6",
  help: "M9.2 9a2.9 2.9 0 1 1 4.3 2.6c-1 .6-1.5 1.1-1.5 2.2M12 17.2v.3M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
  image: "M4 5h16v14H4zM4 16l4.5-4.5L13 16l3-3 4 4M15.5 9.2v.1",
  info: "M12 11v5.5M12 7.6v.2M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
  more: "M5.5 12h.1M12 12h.1M18.5 12h.1",
  phrase: "M5 5h14v11H11l-4 3.5V16H5zM9 9h6M9 12.2h4",
  quote: "M9.5 7C7 8 5.5 10 5.5 13v4h5v-5H8c0-1.7.7-2.7 2-3.5M18.5 7c-2.5 1-4 3-4 6v4h5v-5H17c0-1.7.7-2.7 2-3.5",
  send: "M4.5 12l15-7-4.5 15-3.5-6z",
  theme: "M20 13.5A8 8 0 0 1 10.5 4 8 8 0 1 0 20 13.5z",
  warn: "M12 4l9 16H3zM12 10v4.5M12 17.2v.2",
};

export const byId = (id) => document.getElementById(id);

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value === "boolean") node[name] = value;
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "glyph");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon and says its name to who cannot see it. */
export function iconButton(name, label, onclick, className = "icon quiet") {
  return el("button", { type: "button", class: className, title: label, "aria-label": label, onclick }, icon(name));
}

export function keys(...names) {
  return names.map((name) => el("kbd", {}, name));
}

/** Put the shop's colour on an element; sheets derive from it what is legible. */
export function dress(node, shop) {
  node.classList.add("of-shop");
  node.dataset.shop = shop?.id ?? "";
  if (shop) node.style.setProperty("--shop", shop.colour);
  else node.style.removeProperty("--shop");
  return node;
}

export function avatar(shop) {
  return dress(el("span", { class: "avatar", "aria-hidden": "true" }, shop.avatar), shop);
}
