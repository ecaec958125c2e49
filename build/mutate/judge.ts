import type { ImportGraph } from "./import_graph.ts";
import { apply, type Mutant } from "./mutant.ts";
import { isRunnable } from "./mutate_source.ts";
import { roomOf, ROOMS } from "./rooms.ts";
import type { Workspace } from "./workspace.ts";

/** The outcome of a mutant: tests failed, tests hung, the compiler refused it, or nothing noticed it. */
export type Verdict = "killed" | "timed out" | "refused" | "survived";

/** Most faults fail the tests of their own file, so only a few files are run first. */
const FIRST = 3;
const MIN_LIMIT_MS = 20_000;
const LIMIT_FACTOR = 10;
/** The time limit for the compiler, and for tests that have not been measured yet. */
const UNKNOWN_LIMIT_MS = 300_000;

/** Judges the mutants of one project. */
export class Judge {
  readonly #sources: ReadonlyMap<string, string>;
  readonly #graph: ImportGraph;
  readonly #nearest: number;
  /** How long each test file takes on the unchanged source. */
  readonly #tookMs = new Map<string, number>();

  constructor(sources: ReadonlyMap<string, string>, graph: ImportGraph, nearest: number) {
    this.#sources = sources;
    this.#graph = graph;
    this.#nearest = nearest;
  }

  /** Whether to run the tests for a mutant. */
  isRunnable(mutant: Mutant): boolean {
    return isRunnable(this.#textOf(mutant.path), mutant);
  }

  /** Returns the test files that a mutant of this file has to pass, in the order in which they are run. */
  batchesOf(path: string): string[][] {
    const near = this.#graph.testsOf(path).slice(0, this.#nearest);
    const last = (ROOMS[roomOf(path)]?.lastTests ?? []).filter((test) =>
      this.#sources.has(test) && !near.includes(test)
    );
    return [near.slice(0, FIRST), near.slice(FIRST), last].filter(({ length }) => length > 0);
  }

  /**
   * Runs the tests that mutants of these files have to pass, and records how long they take.
   *
   * @throws if one fails, as it would kill every mutant
   */
  async measure(paths: readonly string[], workspace: Workspace): Promise<void> {
    const tests = new Set(paths.flatMap((path) => this.batchesOf(path).flat()));
    for (const test of tests) {
      if (this.#tookMs.has(test)) continue;
      const start = performance.now();
      const ending = await workspace.test([test], UNKNOWN_LIMIT_MS);
      if (ending !== "passed") throw new Error(`${test} ${ending} though nothing was changed`);
      this.#tookMs.set(test, performance.now() - start);
    }
  }

  async judge(mutant: Mutant, workspace: Workspace): Promise<Verdict> {
    const text = this.#textOf(mutant.path);
    await workspace.write(mutant.path, apply(text, mutant));
    try {
      return await this.#run(mutant, workspace);
    } finally {
      await workspace.write(mutant.path, text);
    }
  }

  async #run({ path }: Mutant, workspace: Workspace): Promise<Verdict> {
    for (const batch of this.batchesOf(path)) {
      const ending = await workspace.test(batch, this.#limitOf(batch));
      if (ending === "failed") return "killed";
      if (ending === "timed out") return ending;
    }
    return await workspace.compiles(path, UNKNOWN_LIMIT_MS) ? "survived" : "refused";
  }

  #limitOf(tests: readonly string[]): number {
    const tookMs = tests.reduce((sum, test) => sum + (this.#tookMs.get(test) ?? 0), 0);
    return Math.max(MIN_LIMIT_MS, LIMIT_FACTOR * tookMs);
  }

  #textOf(path: string): string {
    const text = this.#sources.get(path);
    if (text === undefined) throw new Error(`Cannot mutate ${path}: no such source file`);
    return text;
  }
}
