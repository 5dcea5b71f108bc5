// The stream of events: open while the page can be seen, reopened with growing patience when nobody answers.

import { ask } from "./api.js";
import { freshLinks } from "./linknews.js";
import { learnSpeed } from "./quantities.js";
import { changed, linkIsGone, refresh, store, streamAddress, tookToday } from "./store.js";

const FIRST_WAIT = 500;
const SOON = 1000;
const LONGEST_WAIT = 15000;
/** Everything is asked for again now and then; in the first minute, before there are figures, more often. */
const ROUND = 2000;
const ROUNDS = 15;
const ROUNDS_WITHOUT_STREAM = 5;
/** A stream that lasted so long was a good one: after it, patience starts small again. */
const LASTING = 5000;
/** The service beats at least each 15 s; a longer silence is a dead line that nobody hung up. */
const SILENCE = 20000;

let source = null;
let openedAt = 0;
let retry = null;
let slow = null;
let silence = null;
let wait = FIRST_WAIT;
/** What was begun before the last pause is over. */
let pauses = 0;
let state = "first";
let told = () => {};

/** Begin, and from then on follow the page's visibility. `tell` gets "open" or "away". */
export function connect(tell) {
  told = tell;
  document.addEventListener("visibilitychange", () => (document.hidden ? pause() : resume()));
  addEventListener("pagehide", pause);
  addEventListener("pageshow", (event) => event.persisted && resume());
  addEventListener("online", () => state === "away" && resume());
  if (!document.hidden) resume();
}

/** Open the stream anew: the link was changed. */
export function reconnect() {
  if (!document.hidden && state !== "away") open();
}

function resume() {
  pause();
  wait = FIRST_WAIT;
  reach();
}

function pause() {
  pauses += 1;
  source?.close();
  source = null;
  clearTimeout(retry);
  clearTimeout(silence);
  clearInterval(slow);
}

// While nobody answers one small question is enough; only then comes all of it.
function reach() {
  const first = state === "away" ? ask("/health") : Promise.resolve();
  first.then(() => refresh()).then(open, unanswered);
}

function open() {
  pause();
  if (document.hidden) return;
  tell("open");
  slow = setInterval(inRounds(linkIsGone()), ROUND);
  if (linkIsGone()) {
    store.live = null;
    changed("live");
    return;
  }
  const { link } = store;
  source = new EventSource(streamAddress());
  openedAt = performance.now();
  source.addEventListener("live", (event) => {
    beat();
    if (link !== store.link) return;
    store.live = JSON.parse(event.data);
    if (learnSpeed(store.live.human_readable.total)) changed("data");
    changed("live");
  });
  source.addEventListener("today", (event) => {
    beat();
    if (link === store.link) tookToday(JSON.parse(event.data));
    freshLinks();
  });
  source.addEventListener("error", lost);
  beat();
}

function inRounds(gone) {
  let round = 0;
  return () => {
    round += 1;
    if (linkIsGone() !== gone) open();
    else if (store.blank || round % (gone ? ROUNDS_WITHOUT_STREAM : ROUNDS) === 0) refresh().catch(lost);
  };
}

function beat() {
  clearTimeout(silence);
  silence = setTimeout(lost, SILENCE);
}

// The stream ended. The API may only have been replaced: nobody is told before a question stays unanswered too, and
// that question is asked at once.
function lost() {
  if (performance.now() - openedAt > LASTING) wait = FIRST_WAIT;
  if (state === "away" || document.hidden) {
    again();
    return;
  }
  pause();
  const now = pauses;
  const unlessOver = (next) => () => now === pauses && next();
  const soon = () => {
    // An API that leaves still answers what it had accepted.
    wait = Math.min(wait, SOON);
    again();
  };
  ask("/health").then(unlessOver(soon), unlessOver(unanswered));
}

function unanswered() {
  if (!document.hidden) {
    if (state === "open") wait = FIRST_WAIT;
    tell("away");
  }
  again();
}

function again() {
  pause();
  if (document.hidden) return;
  retry = setTimeout(reach, wait * (0.8 + 0.4 * Math.random()));
  wait = Math.min(LONGEST_WAIT, wait * 2);
}

function tell(now) {
  if (now === state) return;
  state = now;
  told(now);
}
