// Dates, times, shares and comparisons in words. Days are the service's dates; how they read is the reader's locale.

const locale = navigator.language;
const form = (options) => new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
const FORMS = {
  day: form({ weekday: "short", day: "numeric", month: "short" }),
  longDay: form({ weekday: "long", day: "numeric", month: "long" }),
  date: form({ day: "numeric", month: "long", year: "numeric" }),
  shortDate: form({ day: "numeric", month: "short", year: "numeric" }),
  month: form({ month: "long", year: "numeric" }),
  weekday: form({ weekday: "long" }),
  shortWeekday: form({ weekday: "short" }),
};
const whole = new Intl.NumberFormat(locale);
const COMPLETE = 0.995;

let zone;

/** Instants are shown in the service's zone, where the browser knows it. */
export function learnZone(name) {
  try {
    new Intl.DateTimeFormat(locale, { timeZone: name });
    zone = name;
  } catch {
    zone = undefined;
  }
}

const at = (date) => new Date(`${date}T00:00:00Z`);

export const day = (date) => FORMS.day.format(at(date));
export const longDay = (date) => FORMS.longDay.format(at(date));
export const fullDate = (date) => FORMS.date.format(at(date));
export const shortDate = (date) => FORMS.shortDate.format(at(date));
export const month = (name) => FORMS.month.format(at(`${name}-01`));
export const weekday = (date) => FORMS.weekday.format(at(date));
/** 0 is Monday. 2024-01-01 was one. */
export const weekdayName = (index, style = "shortWeekday") => FORMS[style].format(at(`2024-01-0${index + 1}`));
export const number = (count) => whole.format(count);

export function time(instant, seconds = false) {
  const options = { hour: "2-digit", minute: "2-digit", timeZone: zone };
  if (seconds) options.second = "2-digit";
  return new Intl.DateTimeFormat(locale, options).format(new Date(instant));
}

export function moment(instant) {
  const options = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: zone };
  if (new Date(instant).getFullYear() !== new Date().getFullYear()) options.year = "numeric";
  return new Intl.DateTimeFormat(locale, options).format(new Date(instant));
}

/** 42 %; never 0 % of something, nor 100 % of less than all. */
export function percent(share) {
  if (share > 0 && share < 0.01) return "under 1 %";
  return share > 0.99 && share < 1 ? "over 99 %" : `${Math.round(share * 100)} %`;
}

/** Whether some of the time was not observed, enough of it to be worth a mark. */
export const hasGap = (usage) => usage.coverage !== null && usage.coverage !== undefined && usage.coverage < COMPLETE;

/** Share of the time that was observed, with a decimal: 99.2 %. */
export function observed(coverage) {
  return coverage >= 0.9995 ? "100 %" : `${(Math.floor(coverage * 1000) / 10).toFixed(1)} %`;
}

/** A length of time in milliseconds, in words: "3 hours". */
export function lengthWords(length) {
  const seconds = length / 1000;
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([, each]) => seconds >= 2 * each) ?? ["minute", 60];
  const count = Math.floor(seconds / size);
  return count ? `${count} ${unit}${count > 1 ? "s" : ""}` : "a moment";
}

/** How a total compares with the usual: "18 % more than usual". */
export function againstUsual(total, usual) {
  if (total >= 2 * usual) {
    const times = total / usual;
    return times < 100 ? `${times.toFixed(1)} times the usual` : "over 100 times the usual";
  }
  const share = Math.abs(total - usual) / usual;
  if (share < 0.05) return "about as usual";
  return `${percent(share)} ${total > usual ? "more" : "less"} than usual`;
}
