import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { namedPlaces } from "./named_places.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...["docs", "docs/recipes"]
    .flatMap((folder) =>
      [...Deno.readDirSync(join(ROOT, folder))].map(({ name }) => `${folder}/${name}`)
    )
    .filter((path) => path.endsWith(".md")),
].map((path) => ({ path, named: namedPlaces(Deno.readTextFileSync(join(ROOT, path))) }));

Deno.test("namedPlaces() finds paths, links, and identifiers with their file", () => {
  const page = [
    "See `src/a.ts`, [b](c.md#part) and [d](https://example.com/e.md).",
    "`One.#two()`, `three` and\n`four()` (`src/f.ts`); `a b`, `five`, (`src/g.ts`), `six` (`h`), `[j](k)`.",
    "```sh\ncat `src/i.ts`\n```",
  ].join("\n\n");
  assert.deepEqual(namedPlaces(page), {
    paths: ["src/a.ts", "src/f.ts", "src/g.ts"],
    links: ["c.md"],
    identifiers: ["One", "#two", "three", "four"].map((name) => ({ name, path: "src/f.ts" })),
  });
});

Deno.test("Every path that the documentation names exists", () => {
  const absent = pages.flatMap(({ path, named }) =>
    [
      ...named.paths.filter((named) => !existsSync(join(ROOT, named))),
      ...named.links.filter((link) => !existsSync(join(ROOT, dirname(path), link))),
    ].map((target) => `${path}: ${target}`)
  );
  assert.deepEqual(absent, []);
});

Deno.test("Every identifier that the documentation names with a file occurs in that file", () => {
  const texts = new Map<string, string>();
  const textOf = (path: string): string => {
    const whole = join(ROOT, path);
    if (!texts.has(path)) texts.set(path, existsSync(whole) ? Deno.readTextFileSync(whole) : "");
    return texts.get(path)!;
  };
  const absent = pages.flatMap(({ path, named }) =>
    named.identifiers
      .filter(({ name, path }) => !new RegExp(`(?<![\\w#])${name}\\b`).test(textOf(path)))
      .map((found) => `${path}: ${found.name} in ${found.path}`)
  );
  assert.deepEqual(absent, []);
});
