// The one hover box. What it says is also in the label of what it belongs to.

import { $, make } from "./dom.js";

/** Cells taller than so are columns of a chart. */
const TALL = 60;

let shown = null;

/** Show `lines` for as long as the pointer or the focus is on one of the cells that `linesOf` knows. */
export function tips(container, linesOf) {
  const enter = (event) => {
    const lines = linesOf(event.target);
    if (!lines) return;
    shown = { anchor: event.target, linesOf };
    show(event.target, lines);
  };
  container.addEventListener("pointerover", enter);
  container.addEventListener("focusin", enter);
  container.addEventListener("pointerout", hide);
  container.addEventListener("focusout", hide);
  container.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}

/** The figures changed: say the new ones, or nothing where the cell is gone. */
export function renew() {
  const lines = shown?.anchor.isConnected && shown.linesOf(shown.anchor);
  if (lines) show(shown.anchor, lines);
  else hide();
}

export function hide() {
  shown = null;
  $("tip").hidden = true;
}

function show(anchor, lines) {
  const tip = $("tip");
  tip.replaceChildren(...lines.map((line) => make("p", {}, line)));
  tip.hidden = false;
  const at = anchor.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const room = document.documentElement.clientWidth - width - 8;
  const [x, y] = at.height > TALL ? beside(at, width, room) : over(at, width, height);
  tip.style.transform = `translate(${Math.round(Math.min(Math.max(8, x), room))}px, ${Math.round(y)}px)`;
}

// A tall cell begins below its card's head: beside it nothing of the head is covered.
function beside(at, width, room) {
  return [at.right + 8 > room ? at.left - width - 8 : at.right + 8, Math.max(8, at.top + 8)];
}

function over(at, width, height) {
  const above = at.top - height - 8;
  return [at.left + at.width / 2 - width / 2, above < 8 ? at.bottom + 8 : above];
}
