// Dark, light, or as the system: chosen in the header, remembered by the browser.

const KEY = "packetbuddy.theme";
const CHOICES = ["dark", "light", "system"];
const systemIsLight = matchMedia("(prefers-color-scheme: light)");
const root = document.documentElement;

/** Connect the picker; `changed` is called after the colours have changed. */
export function startTheme(picker, changed) {
  const apply = (chosen) => {
    const light = chosen === "light" || (chosen === "system" && systemIsLight.matches);
    root.dataset.chosen = chosen;
    root.dataset.theme = light ? "light" : "dark";
    changed();
  };
  const first = CHOICES.includes(root.dataset.chosen) ? root.dataset.chosen : "dark";
  picker.querySelector(`[value="${first}"]`).checked = true;
  picker.addEventListener("change", (event) => {
    remember(event.target.value);
    apply(event.target.value);
  });
  systemIsLight.addEventListener("change", () => {
    if (root.dataset.chosen === "system") apply("system");
  });
}

function remember(chosen) {
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // It holds until the page is closed.
  }
}
