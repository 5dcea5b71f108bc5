// Lifetime and the quick stats: all of it, since when, and what the ledger knows about itself.

import { $, put, putQuantity } from "./dom.js";
import { recordedPeak } from "./live.js";
import { costOf } from "./money.js";
import { amount, speed } from "./quantities.js";
import { fullDate, moment, number, time } from "./words.js";

export function showLifetime({ summary, today, earlier, blank }) {
  if (blank || !summary || !today) return empty(blank);
  const sent = earlier.bytes_sent + today.bytes_sent;
  const received = earlier.bytes_received + today.bytes_received;
  const total = sent + received;
  const cost = costOf(total);
  const days = summary.days_tracked;
  put($("lifetime-since"), summary.first_day ? `since ${fullDate(summary.first_day)}` : "");
  putQuantity($("lifetime-total"), amount(total));
  putQuantity($("lifetime-down"), amount(received));
  putQuantity($("lifetime-up"), amount(sent));
  put($("lifetime-note"), `over ${number(days)} ${days === 1 ? "day" : "days"} with data`);
  putQuantity($("lifetime-average"), amount(Math.floor(total / Math.max(1, days))));
  $("lifetime-cost-part").hidden = cost === null;
  if (cost !== null) put($("lifetime-cost"), cost);
}

export function showQuick(store) {
  const { summary, blank } = store;
  if (blank || !summary) return;
  const peak = recordedPeak(store);
  putQuantity($("quick-peak"), peak ? speed(peak.speed) : "–");
  put($("quick-peak-at"), peak ? (peak.at ? moment(peak.at) : "today") : "none recorded yet");
  putQuantity($("quick-devices"), number(summary.active_devices));
  putQuantity($("quick-points"), number(summary.data_points));
  putQuantity($("quick-update"), summary.last_update ? time(summary.last_update, true) : "–");
}

function empty(blank) {
  if (!blank) return;
  for (const id of ["lifetime-total", "lifetime-down", "lifetime-up", "lifetime-average", "lifetime-cost", "quick-peak", "quick-devices", "quick-points", "quick-update"]) {
    putQuantity($(id), "–");
  }
  put($("lifetime-note"), "Starts with the first byte.");
}
