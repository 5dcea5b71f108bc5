// Bars of bytes per bucket, download below upload, drawn by Chart.js; the honest marks; and one real button per bar, so
// that pointer, keyboard and screen reader find the same thing in the same place.

import { make, roving } from "./dom.js";
import { honestMarks, palette } from "./marks.js";
import { costOf } from "./money.js";
import { amount, chartUnit } from "./quantities.js";
import { tips } from "./tip.js";
import { hasGap, percent } from "./words.js";

/**
 * A chart in `container`. A row is `{key, tick, name, usage, running, future}`; `opens(key)` is called for a bar that was
 * chosen, where given.
 */
export class Bars {
  constructor(container, opens) {
    this.opens = opens;
    this.rows = [];
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.columns = make("div", { class: "columns" });
    this.axis = make("div", { class: "axis", "aria-hidden": "true" });
    container.append(this.canvas, this.columns, this.axis);
    const rowOf = (node) => this.rows[this.buttons().indexOf(node)];
    roving(this.columns, () => this.buttons(), stepped);
    tips(this.columns, (node) => rowOf(node) && linesOf(rowOf(node)));
    if (opens) this.columns.addEventListener("click", (event) => rowOf(event.target) && opens(rowOf(event.target).key));
  }

  buttons() {
    return [...this.columns.children];
  }

  /** Show these rows; `open` is the key whose details are shown beside the chart. */
  show(rows, open = null) {
    const unit = chartUnit(Math.max(0, ...rows.map((row) => row.usage?.total_bytes ?? 0)));
    this.unit = unit;
    const same = rows.length === this.rows.length && rows.every((row, index) => row.key === this.rows[index].key);
    this.rows = rows;
    if (!same) this.columns.replaceChildren(...rows.map((_, index) => make("button", { type: "button", tabindex: index ? -1 : 0 })));
    this.buttons().forEach((button, index) => this.dress(button, rows[index], open));
    this.draw();
    if (!same) this.stops();
  }

  dress(button, row, open) {
    button.disabled = Boolean(row.future);
    button.toggleAttribute("data-running", Boolean(row.running));
    button.toggleAttribute("data-opens", Boolean(this.opens));
    if (this.opens) button.setAttribute("aria-expanded", String(row.key === open));
    const label = linesOf(row).join(", ");
    if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
  }

  // The one tab stop is the running bar, else the last that can be entered.
  stops() {
    const buttons = this.buttons();
    const last = buttons.findLastIndex((button) => !button.disabled);
    const running = this.rows.findIndex((row) => row.running);
    buttons.forEach((button, index) => {
      button.tabIndex = index === (running >= 0 ? running : last) ? 0 : -1;
    });
    this.reveal(buttons, buttons[running]);
  }

  // In a narrow window the running bar is shown, with a whole bar beside the scale.
  reveal(buttons, running) {
    const wanted = (running?.offsetLeft ?? 0) - 120;
    const first = wanted > 0 && buttons.find((button) => button.offsetLeft >= wanted);
    this.columns.parentElement.parentElement.scrollLeft = first ? first.offsetLeft : 0;
  }

  draw() {
    const colours = palette();
    const parts = partsOf(this.rows, this.unit.bytes);
    const fills = [colours.down, colours.downEstimated, colours.up, colours.upEstimated];
    const datasets = fills.map((backgroundColor, index) => ({ data: parts[index], backgroundColor }));
    const labels = this.rows.map((row) => row.tick);
    if (!this.chart) {
      this.chart = new Chart(this.canvas, { type: "bar", data: { labels, datasets }, options: optionsOf(this), plugins: [honestMarks(this)] });
      return;
    }
    this.chart.data.labels = labels;
    datasets.forEach((dataset, index) => Object.assign(this.chart.data.datasets[index], dataset));
    Object.assign(this.chart.options, optionsOf(this));
    this.chart.update("none");
  }

  // The buttons lie on the bars. The scale's figures are the page's, not the picture's: they stay where a narrow window
  // turns the picture.
  place({ chartArea: { left, top, right, bottom }, scales: { y } }) {
    Object.assign(this.columns.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    this.axis.style.width = `${left}px`;
    this.axis.replaceChildren(...y.ticks.map(({ label }) => make("span", {}, label)));
    y.ticks.forEach(({ value }, index) => (this.axis.children[index].style.top = `${y.getPixelForValue(value)}px`));
  }
}

/** What is said about a bar: name, total, both directions, cost, and what is not certain. */
function linesOf({ name, usage, running, future }) {
  if (future) return [name, "not yet"];
  if (!usage || (!usage.total_bytes && usage.coverage === null)) return [name, "before counting began"];
  if (!usage.total_bytes && usage.coverage === 0) return [name, "not observed"];
  const cost = costOf(usage.total_bytes);
  const lines = [
    running ? `${name}, so far` : name,
    `${amount(usage.total_bytes)}${cost === null ? "" : ` · ${cost}`}`,
    `↓ ${amount(usage.bytes_received)} downloaded`,
    `↑ ${amount(usage.bytes_sent)} uploaded`,
  ];
  if (usage.estimated_bytes) lines.push(`${amount(usage.estimated_bytes)} at estimated times`);
  if (hasGap(usage)) lines.push(`${percent(1 - usage.coverage)} of the time not observed`);
  return lines;
}

// Download and upload, each measured and estimated, in the chart's unit.
function partsOf(rows, bytes) {
  const share = (usage) => Math.min(1, usage.estimated_bytes / (usage.total_bytes || 1));
  const part = (key, estimated) => rows.map(({ usage }) => {
    const fraction = usage ? share(usage) : 0;
    return usage && usage[key] ? (usage[key] * (estimated ? fraction : 1 - fraction)) / bytes : null;
  });
  return [part("bytes_received", false), part("bytes_received", true), part("bytes_sent", false), part("bytes_sent", true)];
}

function stepped(place, key, count) {
  const steps = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: count - 1 };
  return steps[key] ?? null;
}

// The page's own letters, growing with the page.
function fontOf() {
  const { fontFamily: family } = getComputedStyle(document.body);
  return { family, size: 0.75 * parseFloat(getComputedStyle(document.documentElement).fontSize) };
}

function optionsOf(bars) {
  const colours = palette();
  const font = fontOf();
  return {
    animation: false,
    events: [],
    maintainAspectRatio: false,
    responsive: true,
    layout: { padding: { top: 20 } },
    plugins: { legend: { display: false }, tooltip: { enabled: false } },
    datasets: { bar: { stack: "bytes", borderRadius: 3, borderSkipped: "middle", categoryPercentage: 0.78, barPercentage: 1, maxBarThickness: 56 } },
    scales: {
      x: { stacked: true, grid: { display: false }, border: { display: false }, ticks: { color: colours.soft, font, maxRotation: 0, autoSkipPadding: 8 } },
      y: {
        stacked: true,
        beginAtZero: true,
        border: { display: false, dash: [2, 4] },
        grid: { color: colours.line, drawTicks: false },
        ticks: { color: "transparent", font, maxTicksLimit: 6, padding: 8, callback: (value) => (value ? `${value} ${bars.unit.name}` : "0") },
      },
    },
  };
}
