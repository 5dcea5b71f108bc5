// Devices: whose figures the page shows, what each moved in all, and how old that is.

import { serviceNow } from "./api.js";
import { $, make, put } from "./dom.js";
import { amount } from "./quantities.js";
import { lengthWords } from "./words.js";

/** Figures older than this, in milliseconds, are marked with their age. */
const LATE = 3600e3;

/** Milliseconds since a device was heard of; endless where it never was. */
const age = ({ last_seen: at }) => (at === null ? Infinity : Math.max(0, serviceNow() - Date.parse(at)));
const isLate = (row) => !row.this && !row.retired && age(row) > LATE;

export function showDevices(state) {
  const { devices, device, today } = state;
  const several = devices.length > 1;
  $("whose-part").hidden = !several;
  $("device-part").hidden = several;
  $("link-part").hidden = device !== null;
  $("devices-part").hidden = !several;
  ages(state);
  if (!several) return;
  picker(devices, device);
  const all = today?.all_devices?.human_readable.total;
  put($("devices-today"), all ? `all together today: ${all}` : "");
  list(devices);
}

function picker(devices, device) {
  const select = $("whose");
  const wanted = JSON.stringify(devices.map((each) => [each.id, each.name]));
  if (select.dataset.shown !== wanted) {
    select.dataset.shown = wanted;
    const others = devices.filter((each) => !each.this).map((each) => make("option", { value: each.id }, each.name));
    const mine = devices.find((each) => each.this)?.name ?? "this device";
    select.replaceChildren(make("option", { value: "" }, mine), make("option", { value: "all" }, "all devices"), ...others);
  }
  select.value = device ?? "";
}

function list(devices) {
  const node = $("devicelist");
  const rows = devices.map((each) => [each, amount(each.usage.total_bytes), standing(each)]);
  const wanted = JSON.stringify(rows.map(([each, bytes, words]) => [each.id, each.name, bytes, words, each.problem]));
  if (node.dataset.shown === wanted) return;
  node.dataset.shown = wanted;
  node.replaceChildren(...rows.map(item));
}

function item([row, bytes, words]) {
  const state = row.retired || isLate(row) ? "off" : "good";
  const dot = make("span", { class: "dot", "data-state": row.problem ? "warn" : state });
  const about = [row.os, words, row.accounts > 1 ? `${row.accounts} accounts` : "", row.problem ?? ""].filter(Boolean);
  return make("li", {}, make("span", { class: "name" }, dot, row.name), make("b", {}, bytes), make("span", { class: "label" }, about.join(" · ")));
}

function standing(row) {
  if (row.this) return "this device";
  if (row.retired) return "retired";
  if (row.last_seen === null) return "never heard of";
  return isLate(row) ? `figures ${lengthWords(age(row))} old` : `heard of ${lengthWords(age(row))} ago`;
}

// Where old figures are among those shown, that is said above them.
function ages({ devices, device }) {
  const shown = device === null ? [] : devices.filter((each) => isLate(each) && (device === "all" || device === each.id));
  $("ages").hidden = !shown.length;
  put($("ages"), shown.map((each) => `The figures of ${each.name} are ${lengthWords(age(each))} old.`).join(" "));
}
