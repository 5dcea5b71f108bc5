// When: which hours of the week, as a table that is coloured by how much moved.

import { $, make, put, roving } from "./dom.js";
import { amount } from "./quantities.js";
import { tips } from "./tip.js";
import { day, weekdayName } from "./words.js";

const HOURS = 24;
const SOFTER = 0.75;
const hour = (index) => `${String(index % HOURS).padStart(2, "0")}:00`;
let cells = [];
let figures = [];

export function startWhen() {
  const table = $("heat");
  const heads = Array.from({ length: HOURS / 3 }, (_, index) => make("th", { scope: "colgroup", colspan: 3 }, hour(index * 3).slice(0, 2)));
  table.append(make("thead", {}, make("tr", {}, make("td", { class: "corner" }), ...heads)));
  const body = make("tbody");
  for (let weekday = 0; weekday < 7; weekday += 1) {
    const row = Array.from({ length: HOURS }, (_, index) => make("td", { role: "gridcell", tabindex: weekday + index ? -1 : 0 }));
    cells.push(...row);
    body.append(make("tr", {}, make("th", { scope: "row" }, weekdayName(weekday)), ...row));
  }
  table.append(body);
  roving(table, () => cells, (place, key) => place + ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -HOURS, ArrowDown: HOURS }[key] ?? NaN));
  tips(table, (node) => cells.includes(node) && linesOf(cells.indexOf(node)));
}

export function showWhen({ heat, blank }) {
  if (blank || !heat) {
    put($("when-answer"), blank ? "Your hours appear here" : "");
    return;
  }
  figures = Array(7 * HOURS).fill(0);
  for (const [weekday, at, bytes] of heat.cells) figures[weekday * HOURS + at] = bytes;
  const most = Math.max(...figures);
  put($("when-range"), `${day(heat.from)} – ${day(heat.to)}`);
  put($("when-answer"), most ? `Mostly ${answer(figures.indexOf(most))}` : "No busy hour yet");
  cells.forEach((cell, index) => {
    // The power keeps quiet hours visible beside a loud one.
    cell.style.setProperty("--heat", most ? String(Math.round((figures[index] / most) ** SOFTER * 100)) : "0");
    cell.setAttribute("aria-label", linesOf(index).join(": "));
  });
}

const answer = (index) => `${weekdayName(Math.floor(index / HOURS), "weekday")}, ${hour(index)} – ${hour((index % HOURS) + 1)}`;

function linesOf(index) {
  return [answer(index), amount(figures[index] ?? 0)];
}
