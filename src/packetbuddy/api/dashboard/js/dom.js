// The few things done to the document, all by text and properties: nothing is ever parsed as HTML.

export const $ = (id) => document.getElementById(id);

/** Change a text only where it differs, so that nothing is laid out or read again for no reason. */
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A quantity with its unit smaller beside it: "3.42 GB". */
export function putQuantity(node, text) {
  if (node.dataset.shown === text) return;
  node.dataset.shown = text;
  const space = text.lastIndexOf(" ");
  node.replaceChildren(text.slice(0, space < 0 ? text.length : space));
  if (space >= 0) node.append(" ", make("small", {}, text.slice(space + 1)));
}

export function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

/** A sentence whose odd parts are emphasised: ["A usual Monday has ", "2.9 GB", " by now"]. */
export function putSentence(node, parts) {
  const words = parts.join("");
  if (node.dataset.shown === words) return;
  node.dataset.shown = words;
  node.replaceChildren(...parts.map((part, index) => (index % 2 ? make("b", {}, part) : part)));
}

/** Say something to a screen reader, once. Only for what a person did or must know, never for ticking figures. */
export function say(words) {
  put($("said"), words);
}

/** One tab stop for many cells; `move(index, key)` names the next index, or null. */
export function roving(container, cells, move) {
  container.addEventListener("keydown", (event) => {
    const list = cells();
    const next = move(list.indexOf(document.activeElement), event.key, list.length);
    if (next === null || !list[next]) return;
    event.preventDefault();
    enter(list, next);
    list[next].focus();
  });
  container.addEventListener("focusin", (event) => {
    const list = cells();
    const place = list.indexOf(event.target);
    if (place >= 0) enter(list, place);
  });
}

function enter(list, place) {
  list.forEach((cell, index) => {
    cell.tabIndex = index === place ? 0 : -1;
  });
}
