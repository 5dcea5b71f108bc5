// Links: per interface how much, whether it counts, and why. The picker filters the whole page.

import { $, make, put } from "./dom.js";
import { amount } from "./quantities.js";

/** What counts is always listed; what counted once, while the list is so short. */
const MOST = 4;
/** Kinds of rows that are no link, so they are nowhere. */
const MADE = ["correction", "import", "sync"];

export function showLinks({ links, link, blank }) {
  picker(links, link);
  const ordered = [...links].sort((one, other) => other.counted - one.counted || other.counted_bytes - one.counted_bytes || other.present - one.present);
  const first = ordered.filter((each, place) => each.counted || (each.counted_bytes && place < MOST));
  const rest = ordered.filter((each) => !first.includes(each));
  fill($("linklist"), first, blank ? "The links of this computer appear here." : "No link counts right now.");
  fill($("linklist-more"), rest, "");
  $("more-links").hidden = !rest.length;
  put($("more-links-words"), `${rest.length} more, not counted`);
}

function fill(list, rows, otherwise) {
  const wanted = JSON.stringify(rows.map((each) => [each, amount(each.counted_bytes)]));
  if (list.dataset.shown === wanted) return;
  list.dataset.shown = wanted;
  list.replaceChildren(...(rows.length || !otherwise ? rows.map(item) : [make("li", { class: "quiet" }, otherwise)]));
}

function item(row) {
  const dot = make("span", { class: "dot", "data-state": row.counted ? "good" : "off" });
  const state = row.counted ? "counted" : row.present ? "not counted" : "not there now";
  const said = row.reason && row.reason !== state ? `${state}: ${row.reason}` : state;
  const why = MADE.includes(row.kind) ? row.reason : said;
  const bytes = row.counted_bytes ? make("b", {}, amount(row.counted_bytes)) : make("span", { class: "label" }, "–");
  return make("li", {}, make("span", { class: "name" }, dot, row.name), bytes, make("span", { class: "label" }, row.uncertain ? `${why} (uncertain)` : why));
}

function picker(links, link) {
  const select = $("link");
  const names = links.filter((each) => each.counted_bytes || each.counted || each.name === link).map((each) => each.name);
  const wanted = names.join("\n");
  if (select.dataset.shown !== wanted) {
    select.dataset.shown = wanted;
    const choices = names.map((name) => make("option", { value: name }, name));
    select.replaceChildren(make("option", { value: "" }, "all counted"), ...choices);
  }
  select.value = link ?? "";
}
