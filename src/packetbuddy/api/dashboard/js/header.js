// The header: which device, whether it counts, and whether the service answers at all.

import { $, put } from "./dom.js";
import { moment, observed, shortDate } from "./words.js";

let away = false;

export function showHeader({ health, summary, blank }) {
  if (!health) return;
  put($("device"), health.hostname);
  put($("version"), `PacketBuddy ${health.version}${lastUpdate(health.update)}`);
  put($("update"), badge(health.update));
  $("update").hidden = !badge(health.update);
  const [state, words] = away ? ["off", "not answering"] : standing(health, summary, blank);
  $("health-dot").dataset.state = state;
  put($("health-words"), words);
  put($("trouble"), away ? "" : trouble(health));
  document.title = away ? "Not answering · PacketBuddy" : `PacketBuddy · ${health.hostname}`;
}

/** The service stopped or began to answer. */
export function showConnection(state, store) {
  away = state === "away";
  document.documentElement.dataset.connection = state;
  $("away").hidden = !away;
  showHeader(store);
}

// What is wrong, in the service's own words. A mistake in the settings is often the monitor's problem too.
function trouble({ monitor, config, storage }) {
  const lost = storage?.state === "unreadable" ? storage.problem : null;
  const all = [monitor.problem, config?.problem, lost].filter(Boolean);
  return all.filter((each, place) => !all.some((other, at) => at !== place && other.startsWith(each) && (other !== each || at < place))).join(" · ");
}

// A version that waits for somebody: to be installed, to be started, or to prove itself.
function badge({ available, last }) {
  if (last?.result === "waiting" || last?.result === "trial") return last.words;
  return available ? `${available} is available` : "";
}

function lastUpdate({ last }) {
  return last ? ` · last update: ${last.words} (${moment(last.at)})` : "";
}

function standing(health, summary, blank) {
  const { state, last_write: last } = health.monitor;
  if (state === "starting") return ["warn", "starting"];
  if (state === "stale") return ["bad", last ? `nothing written since ${moment(last)}` : "nothing written"];
  if (state !== "running") return ["bad", last ? `not counting since ${moment(last)}` : "not counting"];
  if (trouble(health)) return ["warn", "counting, with a problem"];
  if (blank || !summary?.first_day) return ["good", "counting"];
  const share = summary.coverage === null ? "" : ` · ${observed(summary.coverage)} observed`;
  const since = [summary.first_day, summary.observed_since ?? ""].sort().at(-1); // what was imported is older
  return ["good", `counting since ${shortDate(since)}${share}`];
}
