import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { DESK } from "@/test/desk";
import { renderPage } from "@/test/render";
import { listed, problem, server } from "@/test/server";
import { WebhooksPage, webhooksSearchSchema } from ".";
import type { Delivery, Webhook } from "./api";

const HOOK: Webhook = {
  id: "w-1",
  name: "Warehouse",
  url: "https://hooks.example.test/in",
  events: ["records.assigned", "deposit.counted"],
  is_active: true,
  off_reason: null,
  failures: 0,
  failing_since: null,
  created_at: "2026-03-01T01:00:00+00:00",
  created_by_name: "Mira",
};

const DELIVERY: Delivery = {
  id: "d-1",
  event_id: "e-1",
  event: "deposit.counted",
  data: { deposit_id: "dep-1" },
  state: "failed",
  attempts: 10,
  happened_at: "2026-03-01T01:00:00+00:00",
  created_at: "2026-03-01T01:00:00+00:00",
  next_at: null,
  ended_at: "2026-03-01T05:00:00+00:00",
  status_code: 500,
  error: "refused",
};

let hooks: Webhook[];
let deliveries: Delivery[];
let sent: { path: string; body?: unknown }[];

beforeEach(() => {
  hooks = [HOOK];
  deliveries = [DELIVERY];
  sent = [];
  const pathOf = (request: Request) => new URL(request.url).pathname;
  server.use(
    http.get("/api/webhooks", () => HttpResponse.json(hooks)),
    http.post("/api/webhooks", async ({ request }) => {
      sent.push({ path: pathOf(request), body: await request.json() });
      return HttpResponse.json({ ...HOOK, secret: "whsec_made-up" }, { status: 201 });
    }),
    http.patch("/api/webhooks/:id", async ({ request }) => {
      const body = (await request.json()) as Partial<Webhook>;
      sent.push({ path: pathOf(request), body });
      hooks = [{ ...HOOK, ...body }];
      return HttpResponse.json(hooks[0]);
    }),
    http.delete("/api/webhooks/:id", ({ request }) => {
      sent.push({ path: pathOf(request) });
      hooks = [];
      return new HttpResponse(null, { status: 204 });
    }),
    http.post("/api/webhooks/:id/secret", () => HttpResponse.json({ secret: "whsec_another" })),
    http.post("/api/webhooks/:id/ping", ({ request }) => {
      sent.push({ path: pathOf(request) });
      return HttpResponse.json({ ...DELIVERY, event: "ping", state: "waiting" }, { status: 202 });
    }),
    http.get("/api/webhooks/:id/deliveries", () => listed(deliveries)),
    http.post("/api/webhooks/:id/deliveries/:delivery/redeliver", ({ request }) => {
      sent.push({ path: pathOf(request) });
      return HttpResponse.json(DELIVERY, { status: 202 });
    }),
  );
});

const show = (url = "/admin/settings/webhooks") =>
  renderPage(() => <WebhooksPage />, {
    url,
    me: { ...DESK, permissions: [...DESK.permissions, "webhooks.manage"] },
    validateSearch: webhooksSearchSchema,
  });

describe("webhooks", () => {
  it("say how it goes with each", async () => {
    hooks = [
      HOOK,
      { ...HOOK, id: "w-2", name: "Silent", failures: 3, failing_since: "2026-03-01T01:00:00+00:00" },
      { ...HOOK, id: "w-3", name: "Gone", is_active: false, off_reason: "gone" },
      { ...HOOK, id: "w-4", name: "Resting", is_active: false },
    ];
    await show();
    for (const [name, state] of [
      ["Warehouse", "On"],
      ["Silent", "No answer"],
      ["Gone", "Off: the other side is gone"],
      ["Resting", "Off"],
    ] as const) {
      const row = (await screen.findByText(name)).closest("tr") as HTMLElement;
      expect(within(row).getByText(state)).toBeVisible();
    }
  });

  it("a new one shows its secret once; what the server refuses is said at the field", async () => {
    const { user } = await show("/admin/settings/webhooks?panel=new");
    const sheet = within(await screen.findByRole("dialog", { name: "New webhook" }));
    await user.click(sheet.getByRole("button", { name: "Create" }));
    for (const text of ["Enter a name.", "Enter an address.", "Choose at least one."]) {
      expect(await sheet.findByText(text)).toBeVisible();
    }
    await user.type(sheet.getByLabelText("Name"), "Warehouse");
    await user.type(sheet.getByLabelText("Address"), "http://inside.test");
    await user.click(sheet.getByRole("checkbox", { name: /^Deposits that count/ }));
    server.use(
      http.post(
        "/api/webhooks",
        () =>
          problem(422, {
            code: "invalid_input",
            detail: "no",
            errors: [{ field: "url", message: "no", code: "https_only" }],
          }),
        { once: true },
      ),
    );
    await user.click(sheet.getByRole("button", { name: "Create" }));
    expect(await sheet.findByText(/begins with https/)).toBeVisible();
    await user.clear(sheet.getByLabelText("Address"));
    await user.type(sheet.getByLabelText("Address"), HOOK.url);
    await user.click(sheet.getByRole("button", { name: "Create" }));
    const dialog = within(await screen.findByRole("dialog", { name: "The secret of Warehouse" }));
    expect(dialog.getByText("whsec_made-up")).toBeVisible();
    expect(sent).toEqual([
      { path: "/api/webhooks", body: { name: "Warehouse", url: HOOK.url, events: ["deposit.counted"] } },
    ]);
    await user.click(dialog.getByRole("button", { name: "I have kept it" }));
    await waitFor(() => expect(screen.queryByText("whsec_made-up")).toBeNull());
  });

  it("the log says what came of each delivery, and sends one again", async () => {
    const { user } = await show("/admin/settings/webhooks?open=w-1");
    const log = within(await screen.findByRole("list", { name: "Deliveries" }));
    expect(log.getByText("Given up")).toBeVisible();
    expect(log.getByText(/10 attempts · answer 500/)).toBeVisible();
    expect(log.getByText("The other side refused it")).toBeVisible();
    await user.click(log.getByRole("button", { name: /^Send again: Deposits that count/ }));
    await user.click(screen.getByRole("button", { name: "Try it" }));
    await waitFor(() =>
      expect(sent.map(({ path }) => path)).toEqual([
        "/api/webhooks/w-1/deliveries/d-1/redeliver",
        "/api/webhooks/w-1/ping",
      ]),
    );
  });

  it("is switched off and on, and nothing is tried while it is off", async () => {
    deliveries = [];
    const { user } = await show("/admin/settings/webhooks?open=w-1");
    expect(await screen.findByText("Nothing was sent yet.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Switch off" }));
    expect(await screen.findByRole("button", { name: "Switch on" })).toBeVisible();
    expect(screen.getByRole("button", { name: "Try it" })).toBeDisabled();
    expect(sent).toEqual([{ path: "/api/webhooks/w-1", body: { is_active: false } }]);
  });

  it("another secret, a change and the end are asked for", async () => {
    const { user } = await show("/admin/settings/webhooks?open=w-1");
    await user.click(await screen.findByRole("button", { name: "New secret" }));
    await user.click(
      within(await screen.findByRole("alertdialog")).getByRole("button", { name: "New secret" }),
    );
    const dialog = within(await screen.findByRole("dialog", { name: "The secret of Warehouse" }));
    expect(dialog.getByText("whsec_another")).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "I have kept it" }));

    await user.click(await screen.findByRole("button", { name: "Edit" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Change webhook" }));
    await user.click(sheet.getByRole("checkbox", { name: /^Records handed out/ }));
    await user.click(sheet.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent[0]?.body).toMatchObject({ events: ["deposit.counted"] }));

    await user.click(await screen.findByRole("button", { name: "Remove" }));
    await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Remove" }));
    expect(await screen.findByText("No other system is told")).toBeVisible();
  });
});
