// Plan: what is left, whether it lasts, how much a day is fine; without one, how to set one.

import { drawCourse, ends } from "./course.js";
import { $, make, put, putQuantity, putSentence, say } from "./dom.js";
import { priced } from "./money.js";
import { amount } from "./quantities.js";
import { number, shortDate } from "./words.js";

const SHOWN_FOR = 2000;
const VERDICTS = { over: "bad", fast: "warn", on_pace: "good", running: "good" };
const STATES = {
  unknown: "not known",
  over: "used up",
  fast: "too fast",
  on_pace: "on pace",
  running: "running",
  early: "too early to say",
  no_cap: "no cap",
  not_begun: "not begun",
};
const FULL = 100;

let picked = null;

export function startPlan() {
  const button = $("plan-copy");
  button.addEventListener("click", async () => {
    const done = await copy($("plan-example"));
    put(button, done ? "Copied" : "Selected");
    say(done ? "Copied" : "Selected: copy it with the keyboard");
    setTimeout(() => put(button, "Copy"), SHOWN_FOR);
  });
}

export function showPlan({ plans, today }) {
  const plan = plans.find((each) => each.name === picked) ?? plans[0];
  $("plan-invite").hidden = Boolean(plan);
  $("plan-figures").hidden = !plan;
  pick(plans, plan);
  if (!plan) {
    delete $("plan").dataset.verdict;
    put($("plan-when"), "");
    return;
  }
  put($("plan-title"), plans.length > 1 ? "Plan" : plan.name);
  put($("plan-when"), when(plan));
  verdict(plan);
  gauge(plan);
  $("plan-shares").hidden = !plan.shares.length;
  put($("plan-shares"), plan.shares.map((each) => `${each.device} ${amount(each.used_bytes)}`).join(" · "));
  figures(plan);
  const date = today?.date ?? plan.cycle.start;
  drawCourse($("course"), plan, date, plan.human_readable.allowance ?? "");
  const [first, last] = ends(plan, date);
  put($("course-start"), shortDate(first));
  put($("course-end"), shortDate(last));
  $("course").setAttribute("aria-label", `Course of the cycle. ${plan.meaning}`);
}

// Which of several plans is shown.
function pick(plans, plan) {
  const select = $("plan-pick");
  select.hidden = plans.length < 2;
  const names = plans.map((each) => each.name);
  if (select.dataset.names !== JSON.stringify(names)) {
    select.dataset.names = JSON.stringify(names);
    select.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
  }
  select.value = plan?.name ?? "";
  select.onchange = () => {
    picked = select.value;
    showPlan({ plans, today: null });
  };
}

function when({ cycle }) {
  if (cycle.days_left === null) return `since ${shortDate(cycle.start)}`;
  return cycle.days_left === 1 ? "last day" : `${cycle.days_left} days left`;
}

function verdict({ state }) {
  const found = VERDICTS[state] ?? "off";
  $("plan").dataset.verdict = found;
  $("plan-dot").dataset.state = found;
  put($("plan-state"), STATES[state]);
}

function gauge(plan) {
  const { percent, cycle, forecast, allowance_bytes: cap } = plan;
  $("gauge").hidden = percent === null;
  if (percent === null) return;
  arc($("gauge-used"), 0, percent);
  const share = (bytes) => (cap ? (FULL * bytes) / cap : 0);
  arc($("gauge-range"), forecast ? Math.max(percent, share(forecast.low)) : 0, forecast ? share(forecast.high) : 0);
  $("gauge-now").toggleAttribute("hidden", cycle.passed === null);
  $("gauge-now").setAttribute("transform", `rotate(${(180 * (cycle.passed ?? 0)).toFixed(1)} 70 74)`);
  const words = `${number(percent >= FULL ? Math.floor(percent) : percent)} %`;
  put($("gauge-words"), words);
  $("gauge").setAttribute("aria-label", `${words} used${cycle.passed === null ? "" : `, ${Math.round(FULL * cycle.passed)} % of the time is over`}`);
}

function arc(path, from, to) {
  const [start, end] = [Math.min(FULL, from), Math.min(FULL, to)];
  path.setAttribute("stroke-dasharray", `${Math.max(0, end - start).toFixed(2)} ${FULL}`);
  path.setAttribute("stroke-dashoffset", (-start).toFixed(2));
  path.toggleAttribute("hidden", end <= start);
}

function figures(plan) {
  const known = plan.state !== "unknown";
  const words = plan.human_readable;
  const used = known ? words.used : "–";
  putQuantity($("plan-left"), words.left ?? used);
  put($("plan-left-what"), words.left === null ? "used" : `left of ${words.allowance}`);
  putQuantity($("plan-used"), used);
  $("course").hidden = $("course-scale").hidden = !known;
  const advice = plan.advice_bytes_per_day ? words.advice : null;
  $("plan-advice-part").hidden = advice === null;
  if (advice !== null) putQuantity($("plan-advice"), advice);
  put($("plan-advice-what"), plan.cycle.days_left === 1 ? "Fine today" : "Fine a day");
  $("plan-cost-part").hidden = plan.cost === null || !known;
  if (plan.cost !== null) put($("plan-cost"), priced(plan.cost));
  putSentence($("plan-note"), plan.meaning.split("`"));
}

// A browser that lends no clipboard gets the text selected.
async function copy(node) {
  try {
    await navigator.clipboard.writeText(node.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(node);
    return false;
  }
}
