// Plan: how to set one.

import { $, put, say } from "./dom.js";

const SHOWN_FOR = 2000;

export function startPlan() {
  const button = $("plan-copy");
  button.addEventListener("click", async () => {
    const done = await copy($("plan-example"));
    put(button, done ? "Copied" : "Selected");
    say(done ? "Copied" : "Selected: copy it with the keyboard");
    setTimeout(() => put(button, "Copy"), SHOWN_FOR);
  });
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
