// Today: how much, and is that usual.

import { $, put, putQuantity, putSentence } from "./dom.js";
import { priced, rateWords } from "./money.js";
import { amount, rough } from "./quantities.js";
import { againstUsual, day, hasGap, percent, weekday } from "./words.js";

const SOON = "Counting. The first figures appear in a few seconds.";
const NOBODY = "Nothing is counted yet. Start counting with: pb service start";

export function showToday({ today, blank, health }) {
  const empty = blank || today === null;
  $("welcome").hidden = !empty;
  put($("welcome"), health?.monitor.state === "stopped" ? NOBODY : SOON);
  $("today-figures").hidden = empty;
  if (empty) return;
  put($("today-date"), day(today.date));
  putQuantity($("today-total"), today.human_readable.total);
  putQuantity($("today-down"), today.human_readable.received);
  putQuantity($("today-up"), today.human_readable.sent);
  $("today-cost-part").hidden = !today.cost;
  if (today.cost) put($("today-cost"), priced(today.cost.total));
  put($("today-rate"), `Cost at ${rateWords()}`);
  ring(today);
  pace(today);
  putSentence($("today-note"), meaning(today));
}

// Today against the usual by now, which is the upright line.
function pace({ bytes_received: down, bytes_sent: up, total_bytes: total, usual_bytes: usual }) {
  const full = Math.max(total, usual ?? 0) || 1;
  const share = (bytes) => `${((bytes / full) * 100).toFixed(2)}%`;
  $("pace-down").style.width = share(down);
  $("pace-up").style.width = share(up);
  $("pace-usual").hidden = !usual;
  $("pace-usual").style.left = `min(${share(usual ?? 0)}, 100% - 2px)`;
}

function ring(today) {
  const down = today.total_bytes ? today.bytes_received / today.total_bytes : 0;
  const up = today.total_bytes ? 1 - down : 0;
  part($("ring-down"), 0, down);
  part($("ring-up"), down, up);
  const more = down >= up;
  put($("ring-words"), today.total_bytes ? percent(more ? down : up) : "–");
  put($("ring-what"), more ? "down" : "up");
  $("ring").setAttribute("aria-label", `${percent(down)} downloaded, ${percent(up)} uploaded`);
}

// A gap between the parts keeps them apart without colour.
function part(circle, from, share) {
  const gap = share > 0.02 && share < 0.98 ? 0.8 : 0;
  circle.setAttribute("stroke-dasharray", `${Math.max(0, share * 100 - gap)} 100`);
  circle.setAttribute("stroke-dashoffset", String(-from * 100));
}

function meaning(today) {
  const parts = [];
  if (!today.total_bytes) parts.push("Nothing has moved yet today.", "");
  else if (today.usual_bytes) {
    parts.push(`A usual ${weekday(today.date)} has `, rough(today.usual_bytes), " by now: ");
    parts.push(againstUsual(today.total_bytes, today.usual_bytes), ".");
  } else parts.push("What is usual shows after three weeks of counting.");
  let doubts = "";
  if (today.estimated_bytes) doubts += ` ${amount(today.estimated_bytes)} of it at estimated times.`;
  if (hasGap(today)) doubts += ` Not observed: ${percent(1 - today.coverage)} of the time.`;
  parts[parts.length - 1] += doubts;
  return parts;
}
