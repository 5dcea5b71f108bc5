// The one hover box. What it says is also in the label of what it belongs to.

import { $, make } from "./dom.js";

/** Show `lines` for as long as the pointer or the focus is on one of the cells that `linesOf` knows. */
export function tips(container, linesOf) {
  const enter = (event) => {
    const lines = linesOf(event.target);
    if (lines) show(event.target, lines);
  };
  container.addEventListener("pointerover", enter);
  container.addEventListener("focusin", enter);
  container.addEventListener("pointerout", hide);
  container.addEventListener("focusout", hide);
  container.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}

export function hide() {
  $("tip").hidden = true;
}

function show(anchor, lines) {
  const tip = $("tip");
  tip.replaceChildren(...lines.map((line) => make("p", {}, line)));
  tip.hidden = false;
  const at = anchor.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left + at.width / 2 - width / 2), document.documentElement.clientWidth - width - 8);
  const above = at.top - height - 8;
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(above < 8 ? Math.min(at.top + 8, at.bottom + 8) : above)}px)`;
}
