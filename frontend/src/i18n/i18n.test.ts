import { describe, expect, it } from "vitest";
import { en } from "./en";
import { id } from "./id";

type Tree = { [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (typeof value === "string") found.set(path, value);
    else for (const [inner, text] of flatten(value, path)) found.set(inner, text);
  }
  return found;
}

const english = flatten(en as Tree);
const indonesian = flatten(id as Tree);

const sources = Object.entries(
  import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }),
)
  .filter(([path]) => !path.includes(".test.") && !path.includes(".gen."))
  .map(([, text]) => text)
  .join("\n");

/** A key as the code names it: plurals without their ending. */
const named = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");

const placeholders = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]).sort();

describe("languages", () => {
  it("have the same keys", () => {
    expect([...indonesian.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("use the same values in each text", () => {
    for (const [key, text] of english) {
      expect([key, placeholders(indonesian.get(key) ?? "")]).toEqual([key, placeholders(text)]);
    }
  });

  it("leave no text empty", () => {
    for (const [key, text] of [...english, ...indonesian]) expect([key, text.trim()]).not.toEqual([key, ""]);
  });

  it("give both forms of a plural", () => {
    for (const key of english.keys()) {
      if (key.endsWith("_one")) expect(english.has(`${named(key)}_other`), key).toBe(true);
    }
  });

  it("hold no key that the code does not use", () => {
    // `roles.${role}` uses every key that begins with "roles."; `${key}_text` is covered by its own beginning.
    // codeText("imports.error", code, …) likewise.
    const beginnings = [
      ...sources.matchAll(/`([a-z_]+\.[\w.]*)\$\{/g),
      ...sources.matchAll(/codeText\("([a-z_]+\.[\w.]*)"/g),
    ].map((match) => match[1] as string);
    const unused = [...english.keys()].filter((key) => {
      const name = named(key);
      return !sources.includes(`"${name}"`) && !beginnings.some((beginning) => name.startsWith(beginning));
    });
    expect(unused).toEqual([]);
  });
});
