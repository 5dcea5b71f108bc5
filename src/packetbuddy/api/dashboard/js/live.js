// Live: how fast, now and over the last minute. The peak is the recorded one.

import { $, put, putQuantity } from "./dom.js";
import { drawMinute } from "./minute.js";
import { speed } from "./quantities.js";
import { moment } from "./words.js";

const MINUTE = 60;
const LATE = 3;
const samples = [];
let latest = null;
let tick = 0;

/** The highest speed the ledger holds, today's included; null without one. */
export function recordedPeak({ summary, today, blank }) {
  if (blank) return null;
  const [ever, now] = [summary?.peak_speed ?? 0, today?.peak_speed ?? 0];
  return now > ever ? { speed: now, at: null } : ever ? { speed: ever, at: summary.peak_speed_at } : null;
}

/** A second's speeds came. */
export function showLive(store) {
  const { live } = store;
  if (!live) {
    forgetLive();
    return;
  }
  advance(Date.parse(live.at) / 1000);
  const sample = { at: tick, down: live.bytes_received_per_second, up: live.bytes_sent_per_second };
  samples.push(sample);
  while (samples[0].at <= tick - MINUTE) samples.shift();
  putQuantity($("live-down"), live.human_readable.received);
  putQuantity($("live-up"), live.human_readable.sent);
  const full = Math.max(0, ...samples.map((each) => Math.max(each.down, each.up)));
  fill($("meter-down"), sample.down, full);
  fill($("meter-up"), sample.up, full);
  drawMinute($("minute"), samples, tick);
}

// A look comes about each second: what is a little late is still the next; a longer silence leaves seconds empty.
function advance(at) {
  const passed = latest === null ? 1 : Math.round(at - latest);
  tick += passed >= LATE ? passed : 1;
  latest = at;
}

/** Another link: what was measured until now is about something else. */
export function forgetLive() {
  samples.length = 0;
  latest = null;
  noSpeed();
  drawMinute($("minute"), samples, tick);
}

/** What the ledger knows about speeds. */
export function showPeak(store) {
  if (store.device !== null) {
    put($("live-peak"), "the speed of this device");
    return;
  }
  const peak = recordedPeak(store);
  put($("live-peak"), peak ? `peak ${speed(peak.speed)}${peak.at ? ` · ${moment(peak.at)}` : " · today"}` : "no peak recorded yet");
}

/** Nobody answers: no speed is known. */
export function noSpeed() {
  for (const id of ["live-down", "live-up"]) {
    putQuantity($(id), "–");
  }
  fill($("meter-down"), 0, 1);
  fill($("meter-up"), 0, 1);
}

function fill(bar, value, full) {
  bar.style.transform = `scaleX(${full ? Math.min(1, Math.max(value ? 0.01 : 0, value / full)).toFixed(4) : 0})`;
}
