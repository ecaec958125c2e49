import { basename, dirname, join } from "node:path";
import ts from "typescript";
import { isIn, TOO_LONG } from "./rooms.ts";

/** The imports between the files of a project. */
export class ImportGraph {
  readonly #importers = new Map<string, Set<string>>();
  readonly #tests: readonly string[];

  /** @param files the text of each source file by its path in the project */
  constructor(files: ReadonlyMap<string, string>) {
    this.#tests = [...files.keys()].filter((file) =>
      file.endsWith("_test.ts") && !TOO_LONG.some((one) => isIn(file, one))
    );
    for (const [path, text] of files) {
      for (const used of importsOf(path, text)) {
        const importers = this.#importers.get(used) ?? new Set();
        this.#importers.set(used, importers.add(path));
      }
    }
  }

  /**
   * Returns the test files that import `path`, directly or indirectly, nearest first: the one of the same name, then by
   * the number of imports between them; among equals, those whose names begin with that of the file, then those of the
   * same room. A test of the same room whose name begins with that of the file counts as one that imports it: it may
   * start a program that does.
   */
  testsOf(path: string): string[] {
    const room = path.split("/")[1] ?? "";
    const name = basename(path, ".ts");
    const rank = ([test, distance]: [string, number]) => {
      if (basename(test) === `${name}_test.ts`) return 0;
      if (basename(test).startsWith(`${name}_`)) return distance;
      return distance + (isIn(test, `tests/${room}`) ? 0.25 : 0.5);
    };
    const distances = this.#distances(path);
    for (const test of this.#tests) {
      const isNamesake = isIn(test, `tests/${room}`) && basename(test).startsWith(`${name}_`);
      if (isNamesake && !distances.has(test)) distances.set(test, 1);
    }
    return [...distances]
      .filter(([file]) => this.#tests.includes(file))
      .sort((a, b) => rank(a) - rank(b) || (a[0] < b[0] ? -1 : 1))
      .map(([test]) => test);
  }

  #distances(path: string): Map<string, number> {
    const distances = new Map([[path, 0]]);
    // Iterating over a map also visits entries added meanwhile, so this is a breadth-first search.
    for (const [file, distance] of distances) {
      for (const importer of this.#importers.get(file) ?? []) {
        if (!distances.has(importer)) distances.set(importer, distance + 1);
      }
    }
    return distances;
  }
}

/** Returns the project files that this one runs: imported values, dynamic imports, and workers or programs referenced by URL. */
export function importsOf(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, false);
  const found = file.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier } = statement;
    if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier) || isErased(statement)) return [];
    return [moduleSpecifier.text];
  });
  const urls = text.matchAll(/(?:\bimport|\bnew URL)\(\s*"(?<name>[^"]+)"/g);
  for (const { groups } of urls) found.push(groups?.name ?? "");
  return found.filter((name) => name.startsWith(".")).map((name) => join(dirname(path), name));
}

/** Whether only types are imported. */
function isErased(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly;
  const clause = statement.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const names = clause.namedBindings;
  return clause.name === undefined && names !== undefined && ts.isNamedImports(names) &&
    names.elements.length > 0 && names.elements.every(({ isTypeOnly }) => isTypeOnly);
}
