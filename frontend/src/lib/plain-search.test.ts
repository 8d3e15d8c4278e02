import { describe, expect, it } from "vitest";
import { parseSearch, stringifySearch } from "./plain-search";
import { tableSearchSchema } from "./table-search";

describe("search parameters", () => {
  it.each(["081234567890", "12345678901234567890", "true", "null", '"x"', "a&b=c", "50% +1", "李", "1e5"])(
    "%s stays the text it is",
    (q) => {
      expect(parseSearch(stringifySearch({ q }))).toEqual({ q });
      expect(tableSearchSchema.parse(parseSearch(stringifySearch({ q }))).q).toBe(q);
    },
  );

  it("leave out what is not set", () => {
    expect(stringifySearch({ q: undefined, sort: "", page: 2 })).toBe("?page=2");
    expect(stringifySearch({})).toBe("");
  });

  it("a page that is none is the first", () => {
    for (const page of ["0", "-3", "x", "1.5"])
      expect(tableSearchSchema.parse({ page }).page).toBeUndefined();
    expect(tableSearchSchema.parse(parseSearch("?page=3")).page).toBe(3);
  });
});
