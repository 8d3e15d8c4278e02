import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { readPreference, writePreference } from "@/lib/preferences";
import { en } from "./en";
import { id } from "./id";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

const KEY = "language";

/** Before anybody has signed in: what this browser used last, else its own language, else English. */
function firstLanguage(): "en" | "id" {
  const remembered = readPreference<string | null>(KEY, null);
  if (remembered === "en" || remembered === "id") return remembered;
  return navigator.language.toLowerCase().startsWith("id") ? "id" : "en";
}

export const i18n = i18next.createInstance();

void i18n.use(initReactI18next).init({
  lng: firstLanguage(),
  fallbackLng: "en",
  resources: { en: { translation: en }, id: { translation: id } },
  interpolation: { escapeValue: false },
  initAsync: false,
});
document.documentElement.lang = i18n.language;

/** Whether what the server says in its own words is in the language of the screen. */
export const isServersLanguage = () => i18n.language === "en";

export async function setLanguage(language: "en" | "id"): Promise<void> {
  writePreference(KEY, language);
  document.documentElement.lang = language;
  if (i18n.language !== language) await i18n.changeLanguage(language);
}
