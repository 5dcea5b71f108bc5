// The last minute as bars: download upwards, upload downwards, on one scale and one zero line. A second without a
// measurement stays empty.

import { make } from "./dom.js";
import { speed } from "./quantities.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const SECONDS = 60;
const HEIGHT = 100;
/** The smaller side keeps this share of the height, so that it can be seen. */
const LEAST = 0.08;
/** What moved at all can be seen. */
const SEEN = 2;

/** Draw the samples `{at, down, up}` (bytes a second, `at` in seconds) that are less than a minute older than `now`. */
export function drawMinute(container, samples, now) {
  const { bars, zero, words } = partsOf(container);
  const most = (key) => samples.reduce((highest, each) => Math.max(highest, each[key]), 0);
  const [down, up] = [most("down"), most("up")];
  const room = down + up ? Math.min(1 - LEAST, Math.max(LEAST, down / (down + up))) : 1 - LEAST;
  const line = room * HEIGHT;
  const scale = Math.min(down ? line / down : Infinity, up ? (HEIGHT - line) / up : Infinity);
  const known = new Map(samples.map((each) => [now - each.at, each]));
  bars.forEach(([above, below], age) => {
    const sample = known.get(age);
    size(above, line, -tall(sample?.down ?? 0, scale));
    size(below, line, tall(sample?.up ?? 0, scale));
  });
  zero.setAttribute("y1", String(line));
  zero.setAttribute("y2", String(line));
  words.textContent = down + up ? `↓ up to ${speed(down)} · ↑ up to ${speed(up)}` : "";
  const spoken = samples.length ? `download up to ${speed(down)}, upload up to ${speed(up)}` : "not known";
  container.setAttribute("aria-label", `Speed over the last minute: ${spoken}`);
}

const tall = (value, scale) => (value ? Math.max(SEEN, value * scale) : 0);

function size(bar, line, height) {
  bar.setAttribute("y", (height < 0 ? line + height : line).toFixed(2));
  bar.setAttribute("height", Math.abs(height).toFixed(2));
}

const known = new WeakMap();

function partsOf(container) {
  if (!known.has(container)) known.set(container, build(container));
  return known.get(container);
}

function build(container) {
  const svg = element("svg", { viewBox: `0 0 ${SECONDS * 10} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const bars = Array.from({ length: SECONDS }, (_, age) => {
    const place = { x: (SECONDS - 1 - age) * 10 + 1, width: 8, y: HEIGHT, height: 0 };
    return [element("rect", { ...place, class: "bar-down" }), element("rect", { ...place, class: "bar-up" })];
  });
  const zero = element("line", { x1: 0, x2: SECONDS * 10, y1: HEIGHT, y2: HEIGHT, "vector-effect": "non-scaling-stroke" });
  svg.append(...bars.flat(), zero);
  const words = make("p", { class: "peakmark", "aria-hidden": "true" });
  container.replaceChildren(svg, words);
  return { bars, zero, words };
}

function element(name, attributes) {
  const node = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}
