// The header: which device, whether it counts, and whether the service answers at all.

import { $, put } from "./dom.js";
import { moment, observed, shortDate } from "./words.js";

let away = false;

export function showHeader({ health, summary, blank }) {
  if (!health) return;
  put($("device"), health.hostname);
  put($("version"), `PacketBuddy ${health.version}`);
  const [state, words] = away ? ["off", "not answering"] : standing(health, summary, blank);
  $("health-dot").dataset.state = state;
  put($("health-words"), words);
  const problem = health.config?.problem;
  $("health").title = problem ?? "";
  document.title = away ? "Not answering · PacketBuddy" : `PacketBuddy · ${health.hostname}`;
}

/** The service stopped or began to answer. */
export function showConnection(state, store) {
  away = state === "away";
  document.documentElement.dataset.connection = state;
  $("away").hidden = !away;
  showHeader(store);
}

function standing(health, summary, blank) {
  if (health.monitor.state === "starting") return ["warn", "starting"];
  if (health.status !== "ok") {
    const last = health.monitor?.last_write;
    return ["bad", last ? `not counting since ${moment(last)}` : "not counting"];
  }
  if (blank || !summary?.first_day) return ["good", "counting"];
  if (health.config?.problem) return ["warn", "counting · config.toml has a mistake"];
  const share = summary.coverage === null ? "" : ` · ${observed(summary.coverage)} observed`;
  return ["good", `counting since ${shortDate(summary.first_day)}${share}`];
}
