// Month: which day. A bar per day, the months before, the hours of a day, and the same as a table.

import { Bars } from "./bars.js";
import { $, make, put, say } from "./dom.js";
import { costOf } from "./money.js";
import { amount } from "./quantities.js";
import { showHours, showMonth, store, thisMonth } from "./store.js";
import { hide } from "./tip.js";
import { day, hasGap, longDay, month as monthName, percent } from "./words.js";

let days = null;
let hours = null;
let asked = null; // the month that is on its way

export function startMonth() {
  days = new Bars($("month-chart"), pick);
  hours = new Bars($("hours-chart"), null);
  $("month-before").addEventListener("click", (event) => turn(event.currentTarget, -1));
  $("month-after").addEventListener("click", (event) => turn(event.currentTarget, 1));
  $("hours-close").addEventListener("click", close);
  $("month-table").addEventListener("click", (event) => event.target.dataset.date && pick(event.target.dataset.date));
}

/** The colours changed. */
export function redrawMonth() {
  if (days?.chart) days.draw();
  if (hours?.chart) hours.draw();
}

export function showMonthCard({ month, today, summary, blank, hours: open }) {
  for (const id of ["month-turn", "month-bars", "month-rows"]) $(id).hidden = blank;
  $("month-blank").hidden = !blank;
  if (blank) put($("month-title"), "Month");
  if (blank || !month || !today) return;
  const rows = dayRows(month, today);
  put($("month-title"), monthName(month.month));
  const total = month.days.reduce((sum, each) => sum + each.total_bytes, 0);
  const cost = costOf(total);
  put($("month-total"), cost === null ? amount(total) : `${amount(total)} · ${cost}`);
  usable($("month-before"), Boolean(summary?.first_day) && month.month > summary.first_day.slice(0, 7));
  usable($("month-after"), month.month < thisMonth());
  days.show(rows, open?.date);
  legend($("month-legend"), rows);
  table(rows, total);
  showHoursPart(open, today);
}

function dayRows({ month, days: known }, today) {
  const [year, number] = month.split("-").map(Number);
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const usages = new Map(known.map((each) => [each.date, each]));
  return Array.from({ length: count }, (_, index) => {
    const date = `${month}-${String(index + 1).padStart(2, "0")}`;
    const future = date > today.date;
    return { key: date, tick: String(index + 1), name: day(date), usage: future ? null : usages.get(date), running: date === today.date, future };
  });
}

function showHoursPart(open, today) {
  $("hours").hidden = !open;
  if (!open) return;
  const rows = open.groups.map((group, index) => hourRow(group, open, index, today));
  const whole = store.month.days.find((each) => each.date === open.date);
  put($("hours-title"), longDay(open.date));
  put($("hours-total"), whole ? amount(whole.total_bytes) : "");
  hours.show(rows);
}

// The service's own clock time is in its answer, so that a day of 23 or 25 hours reads as it was.
function hourRow(group, open, index, today) {
  const [from, to] = [group.start.slice(11, 16), group.end.slice(11, 16)];
  const future = open.date === today.date && open.running >= 0 && index > open.running;
  return { key: group.start, tick: from.slice(0, 2), name: `${from} – ${to}`, usage: group, running: index === open.running, future };
}

function legend(list, rows) {
  const usages = rows.map((row) => row.usage).filter(Boolean);
  const entries = [["is-down", "↓ download"], ["is-up", "↑ upload"]];
  if (rows.some((row) => row.running)) entries.push(["is-running", "today, so far"]);
  if (usages.some((usage) => usage.estimated_bytes)) entries.push(["is-estimated", "time estimated"]);
  if (usages.some(hasGap)) entries.push(["is-gap", "not observed"]);
  const wanted = entries.map(([, words]) => words).join();
  if (list.dataset.shown === wanted) return;
  list.dataset.shown = wanted;
  list.replaceChildren(...entries.map(([mark, words]) => make("li", {}, make("span", { class: `swatch ${mark}` }), words)));
}

function table(rows, total) {
  const past = rows.filter((row) => row.usage);
  const costs = costOf(total) !== null;
  const heads = ["Day", "↓ Download", "↑ Upload", "Total", ...(costs ? ["Cost"] : []), "Observed"];
  const body = past.map((row) => {
    const { usage } = row;
    const button = make("button", { type: "button", "data-date": row.key }, row.name);
    const seen = usage.coverage === null ? "–" : percent(usage.coverage);
    const cells = [amount(usage.bytes_received), amount(usage.bytes_sent), amount(usage.total_bytes), ...(costs ? [costOf(usage.total_bytes)] : []), seen];
    return make("tr", {}, make("th", { scope: "row" }, button), ...cells.map((cell) => make("td", {}, cell)));
  });
  const node = $("month-table");
  const wanted = body.map((row) => row.textContent).join();
  if (node.dataset.shown === wanted) return;
  const focused = node.contains(document.activeElement) ? document.activeElement.dataset.date : null;
  node.dataset.shown = wanted;
  const head = make("tr", {}, ...heads.map((words) => make("th", { scope: "col" }, words)));
  node.replaceChildren(make("thead", {}, head), make("tbody", {}, ...body));
  if (focused) node.querySelector(`[data-date="${focused}"]`)?.focus();
}

// Not `disabled`: the keyboard's place would be lost at the last month.
function usable(button, yes) {
  button.setAttribute("aria-disabled", String(!yes));
}

// Two quick steps are two, also while the first month is still on its way.
async function turn(button, step) {
  if (button.getAttribute("aria-disabled") === "true") return;
  hide();
  const [year, number] = (asked ?? store.month.month).split("-").map(Number);
  const wanted = new Date(Date.UTC(year, number - 1 + step, 1)).toISOString().slice(0, 7);
  if (wanted > thisMonth() || wanted < (store.summary?.first_day ?? "").slice(0, 7)) return;
  asked = wanted;
  await showMonth(wanted).then(
    () => say(`${monthName(wanted)}: ${$("month-total").textContent}`),
    () => say("This month could not be read."),
  );
  if (asked === wanted) asked = null;
}

async function pick(date) {
  const wanted = store.hours?.date === date ? null : date;
  await showHours(wanted).then(
    () => say(wanted ? `Hours of ${longDay(wanted)}` : "Hours closed"),
    () => say("The hours could not be read."),
  );
}

async function close() {
  const place = days.rows.findIndex((row) => row.key === store.hours?.date);
  await showHours(null);
  days.buttons()[place]?.focus();
}
