import { describe, expect, it } from "vitest";
import { actionOf, toggled } from "./mark-keys";
import { steadyRows } from "./steady";

type Row = { id: string; text: string };
const row = (id: string, text = "old"): Row => ({ id, text });
const ids = (rows: Row[]) => rows.map(({ id }) => id).join("");

describe("a page that is being worked on", () => {
  const shown = [row("a"), row("b"), row("c")];

  it("takes new content in place and keeps its order", () => {
    const { rows } = steadyRows(shown, [row("c", "new"), row("a", "new"), row("b")], new Map());
    expect(rows).toEqual([row("a", "new"), row("b"), row("c", "new")]);
  });

  it("keeps what left the list and adds nothing", () => {
    const { rows, gone, unseen } = steadyRows(shown, [row("x"), row("a"), row("c"), row("d")], new Map());
    expect(ids(rows)).toBe("abc");
    expect([...gone]).toEqual(["b"]);
    expect(unseen).toBe(2);
  });

  it("gives the place of a replaced record to its successor, and to the successor's successor", () => {
    const replaced = new Map([
      ["b", row("n")],
      ["n", row("m")],
    ]);
    const { rows, gone, unseen } = steadyRows(shown, [row("m", "new"), row("a"), row("c")], replaced);
    expect(rows).toEqual([row("a"), row("m", "new"), row("c")]);
    expect(gone.size).toBe(0);
    expect(unseen).toBe(0);
  });
});

describe("keys", () => {
  const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
    actionOf({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...more });

  it.each([
    ["1", { do: "whatsapp", value: "ada" }],
    ["2", { do: "whatsapp", value: "ceklis1" }],
    ["3", { do: "whatsapp", value: "tidak" }],
    ["y", { do: "respond", value: "ya" }],
    ["N", { do: "respond", value: "tidak" }],
    ["v", { do: "valid" }],
    ["I", { do: "invalid" }],
    ["c", { do: "copy" }],
    ["o", { do: "whatsapp_link" }],
    ["e", { do: "note" }],
    ["r", { do: "request" }],
  ])("%s", (key, action) => expect(press(key)).toEqual(action));

  it("of the browser and of the list are left alone, and a key held down counts once", () => {
    for (const key of ["ArrowDown", "Enter", "j", "4", " "]) expect(press(key)).toBeNull();
    expect(press("c", { ctrlKey: true })).toBeNull();
    expect(press("r", { metaKey: true })).toBeNull();
    expect(press("1", { repeat: true })).toBeNull();
  });

  it("what is set already is taken back", () => {
    expect(toggled("ada", "ada")).toBeNull();
    expect(toggled("ada", "tidak")).toBe("tidak");
    expect(toggled(undefined, "ya")).toBe("ya");
  });
});
