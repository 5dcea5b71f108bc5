// Composes the page: every card shows the one store.

import { connect, reconnect } from "./connection.js";
import { showDevices } from "./devices.js";
import { $, say } from "./dom.js";
import { showExports } from "./exports.js";
import { showConnection, showHeader } from "./header.js";
import { showLifetime, showQuick } from "./lifetime.js";
import { showLinks } from "./links.js";
import { forgetLive, noSpeed, showLive, showPeak } from "./live.js";
import { redrawMonth, showMonthCard, startMonth } from "./month.js";
import { showPlan, startPlan } from "./plan.js";
import { on, showDevice, showLink, store } from "./store.js";
import { startTheme } from "./theme.js";
import { hide, renew } from "./tip.js";
import { showToday } from "./today.js";
import { showWhen, startWhen } from "./when.js";

const CARDS = [
  showHeader, showDevices, showToday, showPeak, showMonthCard, showPlan, showWhen, showLinks, showLifetime, showQuick,
  showExports,
];

function started() {
  document.documentElement.dataset.state = "ready";
}

startTheme($("themes"), redrawMonth);
startMonth();
addEventListener("resize", () => requestAnimationFrame(redrawMonth));
startWhen();
startPlan();
on("data", (state) => {
  started();
  CARDS.forEach((show) => show(state));
  renew();
});
on("links", showLinks);
on("live", showLive);

$("link").addEventListener("change", async (event) => {
  const name = event.target.value;
  forgetLive();
  hide();
  await showLink(name).then(
    () => say(name ? `Only ${name}` : "All counted links"),
    () => say("This link could not be read."),
  );
  reconnect();
});

$("whose").addEventListener("change", async (event) => {
  const { value, selectedOptions } = event.target;
  forgetLive();
  hide();
  await showDevice(value).then(
    () => say(`Figures of ${selectedOptions[0].textContent}`),
    () => say("This device could not be read."),
  );
  reconnect();
});

connect((state) => {
  if (state === "away") {
    started();
    noSpeed();
    say("PacketBuddy is not answering. Counting may go on; this page reconnects by itself.");
  } else say("");
  showConnection(state, store);
});
