// The year wrap-up in one click, and everything as a file. Plain links: they work by keyboard and without this module.

import { address } from "./api.js";
import { $, put } from "./dom.js";
import { amount } from "./quantities.js";
import { usageParameters } from "./store.js";
import { number } from "./words.js";

export function showExports({ summary, today, earlier, blank }) {
  const card = document.querySelector(".take");
  card.hidden = blank;
  if (blank || !summary || !today) return;
  const year = toldYear(today.date, summary.first_day);
  for (const link of $("take-files").children) link.href = address("/export", parameters(link.dataset.format, year));
  put($("take-files").firstElementChild, `Make ${year} wrap-up`);
  put($("take-note"), note(summary.days_tracked, earlier.bytes_sent + earlier.bytes_received + today.total_bytes));
}

/** This year; in January the last one, where anything was counted in it. As the command does. */
function toldYear(date, first) {
  const year = Number(date.slice(0, 4));
  const before = first !== null && first < `${year}-01-01`;
  return date.slice(5, 7) === "01" && before ? year - 1 : year;
}

function parameters(format, year) {
  return { format, ...(format === "html" ? { year } : {}), ...usageParameters() };
}

function note(days, total) {
  const counted = `${number(days)} ${days === 1 ? "day" : "days"}`;
  return `One page to keep or to send. The files hold everything: ${counted}, ${amount(total)}.`;
}
