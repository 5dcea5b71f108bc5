// The links' bytes keep up with today's: asked for again while something moves, not oftener than each few seconds.

import { ask } from "./api.js";
import { changed, store } from "./store.js";

const PAUSE = 3000;

let waiting = false;

/** Today's figures changed, so those of a link did. */
export function freshLinks() {
  if (waiting) return;
  waiting = true;
  setTimeout(() => (waiting = false), PAUSE);
  ask("/interfaces").then(took, () => {});
}

function took({ interfaces }) {
  store.links = interfaces;
  changed("links");
}
