// How bytes, speeds and money are written, exactly as the service writes them (reports/quantities.py, billing/money.py).
// Used only for figures that the page itself adds up or draws; where the service sends words, those are shown.

const PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const binary = (unit) => PREFIXES.map((prefix) => (prefix ? prefix.toUpperCase() + unit : "B"));
const LADDERS = {
  decimal: { base: 1000, units: PREFIXES.map((prefix) => `${prefix}B`) },
  binary: { base: 1024, units: binary("iB") },
  windows: { base: 1024, units: binary("B") },
  bits: { base: 1000, units: PREFIXES.map((prefix) => `${prefix}bit`) },
};
const AMOUNTS = [LADDERS.decimal, LADDERS.binary, LADDERS.windows];
const UNIT_BYTES = { GB: 1e9, GiB: 2 ** 30 };
const INDIAN = "INR";

let ladder = LADDERS.decimal;
let speedStyle = "bytes";
let money = null;

/** Take over the units that the service writes amounts in: those that give its own words for all these usages. */
export function learnUnits(usages) {
  const same = (each) => usages.every((usage) => written(usage.total_bytes, each, null) === usage.human_readable.total);
  ladder = AMOUNTS.find(same) ?? ladder;
}

/** Whether this usage is written in the units, and has the price, that are known. */
export function asKnown(usage) {
  if (written(usage.total_bytes, ladder, null) !== usage.human_readable.total) return false;
  const { cost } = usage;
  if (!cost || !money) return !cost && !money;
  return cost.rate_per_gb === money.rate && cost.currency === money.currency && unitOf(usage) === money.unitBytes;
}

/** Take over whether the service writes speeds in bits; returns whether that is news. */
export function learnSpeed(words) {
  const before = speedStyle;
  speedStyle = /bit\/s$/.test(words) ? "bits" : "bytes";
  return speedStyle !== before;
}

/** Take over the price, and how this currency is written, from any answer that holds a cost. */
export function learnPrice(cost) {
  if (!cost) {
    money = null;
    return;
  }
  const written = cost.total.cost_formatted.replace(/^-/, "");
  const digits = /\.(\d+)$/.exec(written)?.[1].length ?? 0;
  const unitBytes = money?.unitBytes ?? UNIT_BYTES.GB;
  money = { rate: cost.rate_per_gb, currency: cost.currency, symbol: /^[^\d]*/.exec(written)[0], digits, unitBytes };
}

/** A price for 1 GB is a price for 2³⁰ bytes where `[cost] unit` says so: seen in a cost that is large enough. */
export function learnUnit(usage) {
  if (money) money.unitBytes = unitOf(usage);
}

function unitOf(usage) {
  const cost = usage?.cost?.total.cost;
  if (!cost || cost * 10 ** money.digits < 100) return money.unitBytes;
  const perUnit = (usage.total_bytes * money.rate) / cost;
  return Math.abs(perUnit - UNIT_BYTES.GiB) < Math.abs(perUnit - UNIT_BYTES.GB) ? UNIT_BYTES.GiB : UNIT_BYTES.GB;
}

/** "₹25.65", or null where cost is hidden. */
export function costOf(bytes) {
  if (!money) return null;
  const [whole, coins] = (Math.round((bytes * money.rate * 10 ** money.digits) / money.unitBytes) / 10 ** money.digits)
    .toFixed(money.digits)
    .split(".");
  return money.symbol + grouped(whole) + (coins ? `.${coins}` : "");
}

function grouped(whole) {
  const size = money.currency === INDIAN ? 2 : 3;
  const groups = [whole.slice(-3)];
  for (let head = whole.slice(0, -3); head; head = head.slice(0, -size)) groups.unshift(head.slice(-size));
  return groups.join(",");
}

/** "at ₹7.50/GB", or an empty text where cost is hidden. */
export function rateWords() {
  if (!money) return "";
  const digits = Math.max(money.digits, /\.(\d+)$/.exec(String(money.rate))?.[1].length ?? 0);
  const unit = money.unitBytes === UNIT_BYTES.GB ? "GB" : "GiB";
  const [whole, coins] = money.rate.toFixed(digits).split(".");
  return `${money.symbol}${grouped(whole)}${coins ? `.${coins}` : ""}/${unit}`;
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
