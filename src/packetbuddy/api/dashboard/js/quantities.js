// How bytes and speeds are written, exactly as the service writes them (reports/quantities.py).
// Used only for figures that the page itself adds up or draws; where the service sends words, those are shown.

import { pricedAsKnown } from "./money.js";

const PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const binary = (unit) => PREFIXES.map((prefix) => (prefix ? prefix.toUpperCase() + unit : "B"));
const LADDERS = {
  decimal: { base: 1000, units: PREFIXES.map((prefix) => `${prefix}B`) },
  binary: { base: 1024, units: binary("iB") },
  windows: { base: 1024, units: binary("B") },
  bits: { base: 1000, units: PREFIXES.map((prefix) => `${prefix}bit`) },
};
const AMOUNTS = [LADDERS.decimal, LADDERS.binary, LADDERS.windows];

let ladder = LADDERS.decimal;
let speedStyle = "bytes";

/** Take over the units that the service writes amounts in: those that give its own words for all these usages. */
export function learnUnits(usages) {
  const same = (each) => usages.every((usage) => written(usage.total_bytes, each, null) === usage.human_readable.total);
  ladder = AMOUNTS.find(same) ?? ladder;
}

/** Whether this usage is written in the units, and has the price, that are known. */
export function asKnown(usage) {
  return written(usage.total_bytes, ladder, null) === usage.human_readable.total && pricedAsKnown(usage);
}

/** Take over whether the service writes speeds in bits; returns whether that is news. */
export function learnSpeed(words) {
  const before = speedStyle;
  speedStyle = /bit\/s$/.test(words) ? "bits" : "bytes";
  return speedStyle !== before;
}

/** Bytes as everywhere in tables: two decimals ("120.00 MB"). */
export const amount = (bytes) => written(bytes, ladder, null);

/** Bytes in a sentence, two digits: "2.9 GB". */
export const rough = (bytes) => significant(bytes, ladder, 2);

/** A speed for people: "8.61 MB/s" or "68.9 Mbit/s". */
export function speed(bytesPerSecond) {
  const bits = speedStyle === "bits";
  return `${significant(Math.round(bytesPerSecond * (bits ? 8 : 1)), bits ? LADDERS.bits : ladder, 3)}/s`;
}

/** The unit that a chart with this highest value is drawn in: its name and how many bytes it is. */
export function chartUnit(most) {
  let step = 0;
  while (most >= ladder.base ** (step + 1) && step < ladder.units.length - 1) step += 1;
  return { name: ladder.units[step], bytes: ladder.base ** step };
}

function significant(count, { base, units }, digits) {
  return Math.abs(count) < base ? `${count} ${units[0]}` : written(count, { base, units }, digits);
}

// Whole-number arithmetic, rounded half up, on the step where the number reads as 1 to `base` after rounding.
function written(count, { base, units }, digits) {
  const whole = BigInt(Math.abs(count));
  let step = 0;
  let [number, decimals] = scaled(whole, 1n, digits);
  while (number >= BigInt(base) * 10n ** BigInt(decimals) && step < units.length - 1) {
    step += 1;
    [number, decimals] = scaled(whole, BigInt(base) ** BigInt(step), digits);
  }
  const text = number.toString().padStart(decimals + 1, "0");
  const point = text.length - decimals;
  const fraction = decimals ? `.${text.slice(point)}` : "";
  return `${count < 0 ? "-" : ""}${text.slice(0, point)}${fraction} ${units[step]}`;
}

function scaled(count, size, digits) {
  if (digits === null) return [halfUp(count * 100n, size), 2];
  let decimals = Math.max(0, digits - (count / size).toString().length);
  let number = halfUp(count * 10n ** BigInt(decimals), size);
  if (decimals && number >= 10n ** BigInt(digits)) {
    decimals -= 1;
    number = halfUp(count * 10n ** BigInt(decimals), size);
  }
  return [number, decimals];
}

const halfUp = (numerator, denominator) => (2n * numerator + denominator) / (2n * denominator);
