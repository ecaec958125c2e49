/**
 * Loaded before every test file (`--preload`): a test that takes longer than its limit fails, by its name, and those behind it
 * are run. The limit is the test's own `timeout`, in milliseconds, or that of the task, TEST_LIMIT_S in seconds.
 *
 * Deno has `timeout` since 2.8, without a default; it ends loops too, which this cannot.
 */

import { Script } from "node:vm";

const DEFAULT_LIMIT_S = 120;

/** After this much more, Deno's own limit ends a test that lets no timer ring. */
const LOOP_GRACE_MS = 5_000;

type Body = (context: Deno.TestContext) => void | Promise<void>;

/** Tests that fake timers leave these alone. */
const { setTimeout, clearTimeout } = globalThis;
const registerTest = Deno.test;

/** A test as one object, however it is written. */
function definitionOf(args: readonly unknown[]): Deno.TestDefinition {
  const parts: Partial<Deno.TestDefinition>[] = args.map((arg) =>
    typeof arg === "string"
      ? { name: arg }
      : typeof arg === "function"
      ? { fn: arg as Body }
      : arg as Partial<Deno.TestDefinition>
  );
  const given: Partial<Deno.TestDefinition> = Object.assign({}, ...parts);
  const { fn, name = fn?.name } = given;
  if (fn === undefined || name === undefined) {
    throw new TypeError("A test needs a name and a function");
  }
  return { ...given, name, fn };
}

function limited(definition: Deno.TestDefinition): Deno.TestDefinition {
  const seconds = Number(Deno.env.get("TEST_LIMIT_S") ?? DEFAULT_LIMIT_S);
  const { fn, timeout: limitMs = seconds * 1_000 } = definition;
  return {
    ...definition,
    timeout: limitMs + LOOP_GRACE_MS,
    fn: async (context) => {
      const late = Promise.withResolvers<never>();
      const error = new Error(`The test was not over after ${limitMs / 1_000} s`);
      const timer = setTimeout(() => late.reject(error), limitMs);
      try {
        await Promise.race([fn(context), late.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** "file:///…/a_test.ts", line and column of the call of Deno.test in a stack. */
const CALLER = /\n +at (?:.* \()?(?<file>file:.*_test\.ts):(?<line>\d+):(?<column>\d+)\)?(?:\n|$)/;

/**
 * Deno reports a test by the place that registers it, which would be here for all of them: so a script that goes by the
 * name and the line of the test file does. An escaped dot keeps Deno from looking up that file's source map, as the stack
 * names places in TypeScript already.
 */
function registerAt(stack: string, definition: Deno.TestDefinition): void {
  const { file = "", line = "1", column = "1" } = CALLER.exec(stack)?.groups ?? {};
  const before = "(registerTest, definition) => ";
  const script = new Script(`${before}registerTest(definition)`, {
    filename: file.replace(/\.ts$/, "%2Ets"),
    lineOffset: Number(line) - 1,
    columnOffset: Number(column) - 1 - before.length,
  });
  script.runInThisContext()(registerTest, definition);
}

function test(...args: unknown[]): void {
  registerAt(new Error().stack ?? "", limited(definitionOf(args)));
}

Object.assign(Deno, { test: Object.assign(test, registerTest) });
