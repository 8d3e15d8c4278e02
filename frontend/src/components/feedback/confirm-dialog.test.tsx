import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { renderPage } from "@/test/render";
import { ConfirmDialog } from "./confirm-dialog";

type Props = Partial<Parameters<typeof ConfirmDialog>[0]>;

function show(props: Props) {
  return renderPage(() => (
    <ConfirmDialog
      open
      onOpenChange={() => {}}
      title="Delete 12 records?"
      consequence="12 records leave the pool."
      confirmLabel="Delete"
      onConfirm={() => {}}
      {...props}
    />
  ));
}

describe("ConfirmDialog", () => {
  it("says what will happen and confirms", async () => {
    const onConfirm = vi.fn();
    const { user } = await show({ onConfirm });
    const dialog = await screen.findByRole("alertdialog", { name: "Delete 12 records?" });
    expect(dialog).toHaveAccessibleDescription("12 records leave the pool.");
    await user.click(screen.getByRole("button", { name: "Delete" }));
    expect(onConfirm).toHaveBeenCalledTimes(1);
  });

  it("cancels with the button and with Escape", async () => {
    const onOpenChange = vi.fn();
    const onConfirm = vi.fn();
    const { user } = await show({ onOpenChange, onConfirm });
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    expect(onOpenChange).toHaveBeenLastCalledWith(false);
    await user.keyboard("{Escape}");
    expect(onOpenChange).toHaveBeenCalledTimes(2);
    expect(onConfirm).not.toHaveBeenCalled();
  });

  it("wants the word typed when there is no way back", async () => {
    const onConfirm = vi.fn();
    const { user } = await show({ onConfirm, typeWord: "remove" });
    const button = await screen.findByRole("button", { name: "Delete" });
    expect(button).toBeDisabled();
    await user.type(screen.getByRole("textbox"), "remov");
    expect(button).toBeDisabled();
    await user.type(screen.getByRole("textbox"), "e{Enter}");
    expect(onConfirm).toHaveBeenCalledTimes(1);
  });

  it("takes no second click while it works, and stays open", async () => {
    const onConfirm = vi.fn();
    const onOpenChange = vi.fn();
    const { user } = await show({ onConfirm, onOpenChange, busy: true });
    expect(await screen.findByRole("button", { name: "Delete" })).toBeDisabled();
    await user.keyboard("{Escape}");
    expect(onOpenChange).not.toHaveBeenCalled();
    expect(onConfirm).not.toHaveBeenCalled();
  });

  it("shows why it was refused", async () => {
    await show({ error: new Problem({ status: 409, code: "in_use", detail: "5 records are assigned." }) });
    await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent("5 records are assigned."));
  });
});
