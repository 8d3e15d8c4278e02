import type { FieldValues, Path, UseFormSetError } from "react-hook-form";
import { isProblem } from "./problem";

/**
 * Puts the server's field errors (spec 1.6) on the form. Answers true when each one found its field, so that the form
 * shows a general message only for the rest.
 */
export function setServerErrors<V extends FieldValues>(
  error: unknown,
  setError: UseFormSetError<V>,
  fields: readonly Path<V>[],
): boolean {
  if (!isProblem(error) || error.errors.length === 0) return false;
  let all = true;
  for (const { field, message } of error.errors) {
    const known = fields.find((name) => name === field);
    if (known) setError(known, { type: "server", message });
    else all = false;
  }
  return all;
}
