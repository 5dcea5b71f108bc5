// What the page knows, in one place, so that no two cards can disagree: today's figures replace today's part of the
// month and of the lifetime the moment they arrive.

import { address, ask, Refusal, serviceNow } from "./api.js";
import { learnPrice, learnUnit } from "./money.js";
import { asKnown, learnUnits } from "./quantities.js";
import { learnZone } from "./words.js";

const NOTHING = { bytes_sent: 0, bytes_received: 0 };

export const store = {
  link: null,
  /** Whose figures: null for this device, "all", or another one's id. */
  device: null,
  devices: [],
  health: null,
  live: null,
  today: null,
  month: null,
  summary: null,
  heat: null,
  links: [],
  plans: [],
  hours: null,
  /** Everything before today: what is added to today for the lifetime. */
  earlier: NOTHING,
  /** The service has an answer, but nothing was counted yet. */
  blank: false,
};

const listeners = { data: [], live: [], links: [] };
/** Which question of its kind was asked last: an answer to an earlier one comes too late. */
const turns = { all: 0, month: 0, hours: 0 };
let eventsToday = 0;

export const on = (topic, listener) => listeners[topic].push(listener);
export const changed = (topic) => listeners[topic].forEach((listener) => listener(store));
export const thisMonth = () => store.today?.date.slice(0, 7);
/** Whose figures, and of which link: of everything but what streams. */
export const usageParameters = () => ({ ...linkParameter(), device: store.device });
export const linkParameter = () => ({ interface: store.link });
/** A link that is not there now has figures, but no speed that a stream could tell. */
export const linkIsGone = () => store.link !== null && store.links.find((each) => each.name === store.link)?.present === false;
export const streamAddress = () => address("/stream", linkParameter());

const chosen = (path, parameters = {}) => ask(path, { ...usageParameters(), ...parameters });
const optional = (promise, otherwise) => promise.catch(() => otherwise);

/** Ask for everything that is shown, and show it at once. A later call wins over one still under way. */
export async function refresh(month = store.month?.month) {
  const turn = (turns.all += 1);
  const turnOfMonth = turns.month;
  const events = eventsToday;
  const shown = month && month !== thisMonth() ? { month } : {};
  try {
    const [health, today, days, summary, heat, links, known, plans] = await Promise.all([
      ask("/health"),
      chosen("/today"),
      chosen("/month", shown),
      chosen("/summary"),
      optional(chosen("/heatmap"), null),
      optional(ask("/interfaces"), { interfaces: store.links }),
      optional(ask("/devices"), { devices: store.devices }),
      optional(ask("/plan"), { plans: store.plans }),
    ]);
    const earlier = await earlierThan(today.date, summary.first_day);
    if (turn !== turns.all) return;
    learn(today, summary, days.days);
    const newer = events !== eventsToday && store.today?.date === today.date && asKnown(store.today) ? store.today : today;
    if (turnOfMonth === turns.month) store.month = days;
    Object.assign(store, { health, summary, heat, links: links.interfaces, devices: known.devices, plans: plans.plans, earlier });
    store.blank = summary.data_points === 0 && newer.total_bytes === 0;
    settle(newer);
  } catch (error) {
    if (turn !== turns.all) return;
    if (error instanceof Refusal && error.code === "no_data") await nothingYet();
    else if (error instanceof Refusal && error.status === 422 && (store.link || store.device)) await showDevice(null);
    else throw error;
  }
}

/** A day's figures came by the stream. */
export function tookToday(today) {
  if (store.device !== null) return;
  const turned = store.today !== null && store.today.date !== today.date;
  // Other units or another price in the settings: the whole page changes its words at once.
  if (store.month === null || store.blank || !asKnown(today)) {
    refresh().catch(() => {});
    return;
  }
  eventsToday += 1;
  if (turned) {
    turnDay(today);
    return;
  }
  settle(today);
}

// Midnight. What was today belongs to the past from now on; a page that shows the running month moves on with it.
function turnDay(today) {
  const followed = store.month.month === thisMonth();
  store.earlier = {
    bytes_sent: store.earlier.bytes_sent + store.today.bytes_sent,
    bytes_received: store.earlier.bytes_received + store.today.bytes_received,
  };
  const month = followed ? today.date.slice(0, 7) : store.month.month;
  if (month !== store.month.month) store.month = { month, days: [], summary: today };
  turns.hours += 1;
  store.hours = null;
  settle(today);
  refresh(month).catch(() => {});
}

function settle(today) {
  store.today = today;
  learnZone(today.timezone);
  if (today.date.startsWith(store.month.month)) {
    const others = store.month.days.filter((each) => each.date !== today.date);
    store.month.days = [...others, today].sort((one, other) => one.date.localeCompare(other.date));
  }
  settleHours();
  changed("data");
}

// The running hour is what the other hours of today leave of today's figures.
function settleHours() {
  const { hours, today } = store;
  if (hours?.date !== today.date) return;
  const running = runningOf(hours.groups);
  if (running !== hours.running) {
    showHours(hours.date).catch(() => {});
    return;
  }
  const rest = (key) => hours.groups.reduce((left, each, index) => (index === running ? left : left - each[key]), today[key]);
  const hour = hours.groups[running];
  if (!hour) return;
  for (const key of ["bytes_sent", "bytes_received", "total_bytes", "estimated_bytes"]) hour[key] = Math.max(0, rest(key));
}

const runningOf = (groups) => {
  const now = serviceNow();
  return groups.findIndex((each) => Date.parse(each.start) <= now && now < Date.parse(each.end));
};

function learn(today, summary, days) {
  learnPrice(today.cost);
  learnUnit(summary);
  learnUnits([today, summary, ...days]);
}

async function nothingYet() {
  const health = await ask("/health");
  Object.assign(store, { health, blank: true });
  changed("data");
}

// Everything before today, as whole days: those don't change while the page adds today to them.
async function earlierThan(today, first) {
  if (!first || first >= today) return NOTHING;
  const yesterday = new Date(Date.parse(`${today}T00:00:00Z`) - 864e5).toISOString().slice(0, 10);
  const years = await chosen("/usage", { by: "year", from: first, to: yesterday });
  return years.summary;
}

/** Another month. What was asked for last is what is shown. */
export async function showMonth(month) {
  const turn = (turns.month += 1);
  const { link, device } = store;
  const days = await chosen("/month", { month });
  if (turn !== turns.month || link !== store.link || device !== store.device) return;
  turns.hours += 1;
  store.hours = null;
  store.month = days;
  settle(store.today);
}

/** The hours of a day of the shown month, or none. */
export async function showHours(date) {
  const turn = (turns.hours += 1);
  const answer = date && (await chosen("/usage", { by: "hour", from: date, to: date }));
  if (turn !== turns.hours) return;
  store.hours = answer ? { date, groups: answer.groups, running: runningOf(answer.groups) } : null;
  settleHours();
  changed("data");
}

/** Figures of one link, or of all that count. */
export async function showLink(name) {
  store.link = name || null;
  turns.hours += 1;
  store.hours = null;
  await refresh();
}

/** Figures of another device, or of all together. Links are a device's own. */
export async function showDevice(id) {
  store.device = id || null;
  await showLink(null);
}
