// SVG without markup: an element of a picture with its attributes and children.
const SPACE = "http://www.w3.org/2000/svg";

export function shape(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(name, String(value));
  node.append(...children.filter((child) => child !== null));
  return node;
}
