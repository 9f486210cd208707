// Day or night: the system's, unless a person chose. Only that choice is kept in the browser, nothing of a shop.
const KEY = "kuaihui-theme";
const root = document.documentElement;

function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is refused, in a private window or a third-party frame
  }
}

function show(theme) {
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
}

export function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

export function switchTheme() {
  const theme = isDark() ? "light" : "dark";
  show(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // the choice holds until the page is left
  }
}

show(chosen());
addEventListener("storage", (event) => {
  if (event.key === KEY) show(event.newValue);
});
for (const button of document.querySelectorAll("[data-switch-theme]")) button.addEventListener("click", switchTheme);
