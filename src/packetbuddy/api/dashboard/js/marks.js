// The honest marks on bars: estimated = hatched at half strength with a dashed outline; not observed = a dashed empty
// outline on top, taller the more of the time is missing; a running bar has no upper edge yet.

import { hasGap } from "./words.js";

/** In sixteenths of the page's letter size. */
const DASH = [3, 2];
const TALLEST = 26;
const LOWEST = 6;
const TOOTH = 5;

const page = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

/** The colours of the theme that is shown now. */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const [down, up] = [colour("--down"), colour("--up")];
  return {
    down,
    up,
    downEstimated: hatched(down),
    upEstimated: hatched(up),
    soft: colour("--soft"),
    line: colour("--line"),
    card: colour("--card"),
  };
}

function hatched(colour) {
  const tile = Object.assign(document.createElement("canvas"), { width: 6, height: 6 });
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.35;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 6, 6);
  pen.globalAlpha = 0.8;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const shift of [-6, 0, 6]) {
    pen.moveTo(shift, 6);
    pen.lineTo(shift + 6, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

/** The Chart.js plugin that draws them, and keeps the buttons over the bars. */
export function honestMarks(bars) {
  return {
    id: "honestMarks",
    afterLayout: (chart) => bars.place(chart),
    afterDatasetsDraw: (chart) => {
      const colours = palette();
      bars.rows.forEach((row, index) => mark(chart, row, index, colours));
    },
  };
}

function mark(chart, row, index, colours) {
  if (row.future || !row.usage) return;
  const pen = chart.ctx;
  const bar = chart.getDatasetMeta(0).data[index];
  const width = bar.width || chart.chartArea.width / bars(chart) / 1.3;
  const top = topOf(chart, index);
  pen.save();
  const unit = page();
  pen.lineWidth = unit;
  pen.setLineDash(DASH.map((length) => length * unit));
  if (row.usage.estimated_bytes) outlineEstimated(chart, index, colours);
  if (row.running) tear(chart, index, top, colours.card);
  if (hasGap(row.usage)) {
    pen.strokeStyle = colours.soft;
    const height = unit * (LOWEST + (TALLEST - LOWEST) * (1 - row.usage.coverage));
    pen.strokeRect(bar.x - width / 2 + 0.5, top - height - 2.5, width - 1, height);
  }
  pen.restore();
}

const bars = (chart) => chart.data.labels.length || 1;

function topOf(chart, index) {
  const tops = chart.data.datasets.flatMap((dataset, place) =>
    dataset.data[index] ? [chart.getDatasetMeta(place).data[index].y] : [],
  );
  return Math.min(chart.chartArea.bottom, ...tops);
}

function outlineEstimated(chart, index, colours) {
  for (const [place, colour] of [[1, colours.down], [3, colours.up]]) {
    if (!chart.data.datasets[place].data[index]) continue;
    const { x, y, base, width } = chart.getDatasetMeta(place).data[index];
    chart.ctx.strokeStyle = colour;
    chart.ctx.strokeRect(x - width / 2 + 0.5, y + 0.5, width - 1, Math.max(1, base - y - 1));
  }
}

// Teeth cut out of the upper edge: this bar still grows.
function tear(chart, index, top, card) {
  const { x, width } = chart.getDatasetMeta(0).data[index];
  const pen = chart.ctx;
  const teeth = 4;
  const step = width / teeth;
  const depth = Math.min(TOOTH * page(), chart.chartArea.bottom - top);
  if (depth < 2) return;
  pen.fillStyle = card;
  pen.beginPath();
  pen.moveTo(x - width / 2, top - 1);
  for (let tooth = 0; tooth < teeth; tooth += 1) {
    pen.lineTo(x - width / 2 + (tooth + 0.5) * step, top + depth);
    pen.lineTo(x - width / 2 + (tooth + 1) * step, top - 1);
  }
  pen.fill();
}
