// Runs before the first paint, so that a remembered light theme never flashes dark. Not a module: those run too late.
(() => {
  let chosen = "dark";
  try {
    chosen = localStorage.getItem("packetbuddy.theme") ?? chosen;
  } catch {
    // A browser that keeps nothing gets the default.
  }
  const light = chosen === "light" || (chosen === "system" && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = light ? "light" : "dark";
  document.documentElement.dataset.chosen = chosen;
})();
