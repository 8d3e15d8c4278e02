import { readPreference, writePreference } from "./preferences";

export type Theme = "system" | "light" | "dark";

const KEY = "theme";
const dark = () => window.matchMedia("(prefers-color-scheme: dark)");

/** Shows the theme and remembers it, so the next page load starts in it before the session is known. */
export function applyTheme(theme: Theme): void {
  writePreference(KEY, theme);
  show(theme);
}

function show(theme: Theme): void {
  document.documentElement.classList.toggle(
    "dark",
    theme === "dark" || (theme === "system" && dark().matches),
  );
}

export function currentTheme(): Theme {
  return readPreference<Theme>(KEY, "system");
}

/** Called once before the first render. */
export function startTheme(): void {
  show(currentTheme());
  dark().addEventListener("change", () => show(currentTheme()));
}
