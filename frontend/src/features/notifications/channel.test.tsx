import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { MASTER, renderPage } from "@/test/render";
import { problem, server } from "@/test/server";
import type { Channel } from "./channel-api";
import { DigestPreviews } from "./digest-previews";
import { TelegramSettings } from "./telegram-settings";

const OFF: Channel = {
  enabled: false,
  chat_id: "",
  language: "id",
  digests: ["follow_ups", "at_risk", "daily_summary"],
  has_token: false,
  messages: [],
};

describe("the channel to the outside", () => {
  it("is set up; the token goes in and does not come back", async () => {
    let channel = OFF;
    const sent: Record<string, unknown>[] = [];
    server.use(
      http.get("/api/channels/telegram", () => HttpResponse.json(channel)),
      http.put("/api/channels/telegram", async ({ request }) => {
        const { token, ...body } = (await request.json()) as Channel & { token?: string };
        sent.push({ ...body, token });
        channel = { ...body, messages: [], has_token: true, updated_at: "2025-03-01T01:00:00+00:00" };
        return HttpResponse.json(channel);
      }),
    );
    const { user } = await renderPage(() => <TelegramSettings />, { me: MASTER });
    const token = await screen.findByLabelText("Bot token");
    expect(screen.getByRole("button", { name: "Send a test message" })).toBeDisabled();
    await user.type(token, "12345:abc_DEF");
    await user.type(screen.getByLabelText("Chat"), "-1001");
    await user.click(screen.getByRole("switch", { name: "Yesterday's deposits" }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(sent[0]).toMatchObject({
        token: "12345:abc_DEF",
        chat_id: "-1001",
        digests: ["follow_ups", "at_risk"],
      }),
    );
    expect(await screen.findByText(/A token is stored/)).toBeVisible();
    expect(screen.getByLabelText("Bot token")).toHaveValue("");
    expect(screen.getByRole("button", { name: "Send a test message" })).toBeEnabled();
  });

  it("says which field is wrong, and what came of messages", async () => {
    const messages: Channel["messages"] = [
      {
        kind: "at_risk",
        state: "failed",
        attempts: 1,
        created_at: "2025-03-01T01:00:00+00:00",
        error: "wrong_chat",
      },
    ];
    server.use(
      http.get("/api/channels/telegram", () => HttpResponse.json({ ...OFF, messages })),
      http.put("/api/channels/telegram", () =>
        problem(422, { code: "invalid_input", errors: [{ field: "token", message: "Needs a token." }] }),
      ),
    );
    const { user } = await renderPage(() => <TelegramSettings />, { me: MASTER });
    expect(await screen.findByText("The bot may not write to this chat")).toBeVisible();
    await user.click(screen.getByRole("switch", { name: "Send digests to this chat" }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Needs a token.")).toBeVisible();
    await user.type(screen.getByLabelText("Bot token"), "nonsense");
    expect(await screen.findByText("Digits, a colon, then letters and digits.")).toBeVisible();
  });

  it("shows what a digest would tell", async () => {
    server.use(
      http.get("/api/digests/at_risk/preview", () =>
        HttpResponse.json({
          digest: "at_risk",
          date: "2025-03-01",
          text: "At risk: 3\n• Ana: 3",
          people: 2,
          sends: false,
        }),
      ),
    );
    const { user } = await renderPage(() => <DigestPreviews />, { me: MASTER });
    await user.click(screen.getByRole("button", { name: "Customers at risk" }));
    const preview = within(await screen.findByRole("region", { name: "Preview" }));
    expect(preview.getByText(/• Ana: 3/)).toBeVisible();
    expect(preview.getByText(/2 people are told in the inbox · not sent to Telegram/)).toBeVisible();
  });
});
