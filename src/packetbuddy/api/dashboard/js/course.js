// The course of a plan's cycle: what was used day by day, where it is expected to go with its range, and the cap.

const WIDTH = 100;
const HEIGHT = 100;
const DAY = 864e5;
/** A prepaid bucket has no end: so many days are shown beyond today where nothing else says how many. */
const WITHOUT_END = 14;
const HEADROOM = 1.06;
const SVG = "http://www.w3.org/2000/svg";

const at = (date) => Date.parse(`${date}T00:00:00Z`);

/** First and last moment that is drawn, as dates. */
export function ends(plan, today) {
  const { start, end } = plan.cycle;
  const open = plan.used_up_on ?? new Date(at(today) + WITHOUT_END * DAY).toISOString().slice(0, 10);
  return [start, end ?? (open > today ? open : today)];
}

/** Draw it into the box, anew each time: a few lines. */
export function drawCourse(box, plan, today, capWords) {
  const [start, end] = ends(plan, today);
  const span = at(end) + DAY - at(start);
  const { forecast, allowance_bytes: cap } = plan;
  const top = Math.max(cap ?? 0, plan.used_bytes, forecast?.high ?? 0, 1) * HEADROOM;
  const x = (moment) => (WIDTH * (moment - at(start))) / span;
  const y = (bytes) => HEIGHT - (HEIGHT * bytes) / top;
  const now = [x(at(start) + (plan.cycle.passed ?? (at(today) + DAY - at(start)) / span) * span), y(plan.used_bytes)];
  const shapes = [line("axis", [[0, HEIGHT], [WIDTH, HEIGHT]])];
  if (cap !== null) {
    shapes.push(line("cap", [[0, y(cap)], [WIDTH, y(cap)]]));
    if (plan.cycle.end) shapes.push(line("steady", [[0, HEIGHT], [WIDTH, y(cap)]]));
  }
  if (forecast) {
    shapes.push(line("range", [now, [WIDTH, y(forecast.low)], [WIDTH, y(forecast.high)], now]));
    shapes.push(line("expected", [now, [WIDTH, y(forecast.expected)]]));
  } else if (plan.used_up_on && cap !== null) shapes.push(line("expected", [now, [x(at(plan.used_up_on) + DAY / 2), y(cap)]]));
  shapes.push(line("used", [...past(plan, x, y, start, today), now]));
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" })) {
    svg.setAttribute(name, value);
  }
  svg.append(...shapes);
  box.replaceChildren(svg, ...(cap === null ? [] : [label(capWords, y(cap))]));
}

// Days begin where the day before ended; what was used before the first remembered day is where the line begins.
function past(plan, x, y, start, today) {
  const { course } = plan;
  const before = course.filter((each) => each.date < today).map((each) => [x(at(each.date) + DAY), y(each.used_bytes)]);
  return course[0]?.date === start || !course.length ? [[0, HEIGHT], ...before] : before;
}

function line(name, points) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", name);
  path.setAttribute("d", `M${points.map(([px, py]) => `${px.toFixed(2)} ${py.toFixed(2)}`).join("L")}`);
  return path;
}

function label(words, y) {
  const node = document.createElement("span");
  node.textContent = words;
  node.style.top = `${y.toFixed(2)}%`;
  return node;
}
