import { QueryClient } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { serverTimeOptions } from "@/api/server-time";
import { i18n } from "@/i18n";
import { Providers } from "./providers";
import { StagingBanner } from "./staging-banner";

function shown(instance?: string) {
  const queryClient = new QueryClient();
  const time = { now: "2025-01-01T00:00:00+00:00", today: "2025-01-01", zone: "Asia/Jakarta" };
  queryClient.setQueryData(serverTimeOptions.queryKey, { ...time, instance });
  return render(
    <Providers queryClient={queryClient}>
      <StagingBanner />
    </Providers>,
  );
}

it("is there on a staging desk, in both languages", async () => {
  const { unmount } = shown("staging");
  expect(screen.getByRole("note").textContent).toContain("copy");
  unmount();
  await i18n.changeLanguage("id");
  shown("staging");
  expect(screen.getByRole("note").textContent).toContain("salinan");
  await i18n.changeLanguage("en");
});

it("says how much of the window it takes, for what stays below it", () => {
  const { unmount } = shown("staging");
  expect(document.documentElement.style.getPropertyValue("--banner")).toMatch(/^\d+px$/);
  unmount();
  expect(document.documentElement.style.getPropertyValue("--banner")).toBe("");
});

it("is not there at the desk people work at", () => {
  shown();
  expect(screen.queryByRole("note")).toBeNull();
});
