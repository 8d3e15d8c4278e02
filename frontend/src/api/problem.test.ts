import { afterEach, expect, it } from "vitest";
import { problemText } from "@/components/feedback/problem-text";
import { i18n, setLanguage } from "@/i18n";
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
  expect(refused({ field: "record_ids", message, code: "nobody_knows" })).toEqual([message]);
  expect(refused({ field: "record_ids", message })).toEqual([message]);
});

it("says a field in the words of the whole refusal to whom the server does not speak", async () => {
  const found = {
    field: "record_ids",
    message: "None of these records is rejected now.",
    code: "stale_transition",
  };
  expect(refused(found)).toEqual([found.message]);
  await setLanguage("id");
  expect(refused(found)).toEqual([i18n.t("problems.stale_transition")]);
});

it("says what is wrong with the fields where a refusal has no words of its own", async () => {
  const said = () =>
    problemText(
      i18n,
      parseProblem(
        422,
        JSON.stringify({
          code: "invalid_input",
          detail: "password: Use at least 12.",
          errors: [SHORT, SHORT],
        }),
        new Headers(),
      ),
    );
  expect(said()).toBe("password: Use at least 12.");
  await setLanguage("id");
  expect(said()).toBe("Minimal 12 karakter.");
});
