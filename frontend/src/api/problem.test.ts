import { afterEach, expect, it } from "vitest";
import { setLanguage } from "@/i18n";
import { parseProblem } from "./problem";

afterEach(() => setLanguage("en"));

const refused = (...errors: object[]) =>
  parseProblem(422, JSON.stringify({ code: "invalid_input", errors }), new Headers()).errors.map(
    ({ message }) => message,
  );
const SHORT = {
  field: "password",
  message: "Use at least 12 characters.",
  code: "string_too_short",
  params: { min_length: 12 },
};

it("says what is wrong with a field in the language of the moment", async () => {
  expect(refused(SHORT)).toEqual(["At least 12 characters."]);
  expect(refused({ ...SHORT, params: { min_length: 1 } })).toEqual(["At least 1 character."]);
  await setLanguage("id");
  expect(refused(SHORT)).toEqual(["Minimal 12 karakter."]);
});

it("says what the server says where it has no words for the code", async () => {
  await setLanguage("id");
  const message = "One of these records is no longer there.";
  expect(refused({ field: "record_ids", message, code: "stale_transition" })).toEqual([message]);
  expect(refused({ field: "record_ids", message })).toEqual([message]);
});
