// What bytes cost, written as the reader's own browser writes money. Amounts and rounding are the service's.

const UNIT_BYTES = { GB: 1e9, GiB: 2 ** 30 };

let money = null;

/** Take over the price and its currency's digits from any answer that holds a cost; null hides cost. */
export function learnPrice(cost) {
  if (!cost) {
    money = null;
    return;
  }
  const digits = /\.(\d+)$/.exec(cost.total.cost_formatted)?.[1].length ?? 0;
  const unitBytes = money?.unitBytes ?? UNIT_BYTES.GB;
  money = { rate: cost.rate_per_gb, currency: cost.currency, digits, unitBytes, form: form(cost.currency, digits, digits) };
}

/** A price for 1 GB is a price for 2³⁰ bytes where `[cost] unit` says so: seen in a cost that is large enough. */
export function learnUnit(usage) {
  if (money) money.unitBytes = unitOf(usage);
}

/** Whether this usage has the price that is known. */
export function pricedAsKnown(usage) {
  const { cost } = usage;
  if (!cost || !money) return !cost && !money;
  return cost.rate_per_gb === money.rate && cost.currency === money.currency && unitOf(usage) === money.unitBytes;
}

/** An amount of the service: "₹25.65", or "25,65 ₹". */
export const priced = ({ cost, cost_formatted: written }) => (money ? money.form.format(cost) : written);

/** What bytes that the page adds up cost, or null where cost is hidden. */
export function costOf(bytes) {
  if (!money) return null;
  const coins = 10 ** money.digits;
  return money.form.format(Math.round((bytes * money.rate * coins) / money.unitBytes) / coins);
}

/** "₹7.50/GB", with all digits of the price, or an empty text where cost is hidden. */
export function rateWords() {
  if (!money) return "";
  const unit = money.unitBytes === UNIT_BYTES.GB ? "GB" : "GiB";
  return `${form(money.currency, money.digits, 20).format(money.rate)}/${unit}`;
}

function form(currency, least, most) {
  const digits = { minimumFractionDigits: least, maximumFractionDigits: most };
  return new Intl.NumberFormat(navigator.language, { style: "currency", currency, ...digits });
}

function unitOf(usage) {
  const cost = usage?.cost?.total.cost;
  if (!cost || cost * 10 ** money.digits < 100) return money.unitBytes;
  const perUnit = (usage.total_bytes * money.rate) / cost;
  return Math.abs(perUnit - UNIT_BYTES.GiB) < Math.abs(perUnit - UNIT_BYTES.GB) ? UNIT_BYTES.GiB : UNIT_BYTES.GB;
}
