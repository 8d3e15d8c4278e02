import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { setCsrfToken, setUnauthorizedHandler } from "@/api/client";
import { toast } from "@/components/feedback/toast";
import { setLanguage } from "@/i18n";
import { server } from "./server";

configure({ asyncUtilTimeout: 5_000 });

// What a browser has and jsdom has not.
class NoObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}
globalThis.ResizeObserver ??= NoObserver as unknown as typeof ResizeObserver;
window.matchMedia ??= ((query: string) => ({
  matches: false,
  media: query,
  addEventListener() {},
  removeEventListener() {},
})) as unknown as typeof window.matchMedia;
Element.prototype.scrollIntoView ??= () => {};
Element.prototype.hasPointerCapture ??= () => false;
Element.prototype.setPointerCapture ??= () => {};
Element.prototype.releasePointerCapture ??= () => {};
window.scrollTo = () => {};

beforeAll(async () => {
  server.listen({ onUnhandledRequest: "error" });
  await setLanguage("en");
});

afterEach(() => {
  cleanup();
  toast.dismiss();
  server.resetHandlers();
  setCsrfToken(null);
  setUnauthorizedHandler(null);
  window.localStorage.clear();
});

afterAll(() => server.close());
