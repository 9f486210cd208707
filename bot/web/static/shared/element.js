/** Return a new element. Its text is a text node, never markup: a buyer's words are only words. */
export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}
