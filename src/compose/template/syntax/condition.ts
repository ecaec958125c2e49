import type { Value } from "liquidjs";
import { InputError } from "../../../model/input_error.ts";
import { wallTime } from "../../../time/clock.ts";
import type { Columns } from "../../../model/recipient.ts";
import { Folder } from "../../files/folder.ts";
import { UTC, zoneOf } from "../dates/time_zone.ts";
import { Engine, renderReason } from "../liquid.ts";
import { atOrigin } from "../origins.ts";
import type { TemplateSource } from "../template.ts";
import { TemplateVariables } from "../template_variables.ts";
import { calculateStrictly, STRICT_OPERATORS } from "../values/strict_comparison.ts";
import type { Where } from "./where.ts";
import { checkCondition, refuseForeignSyntax } from "./condition_faults.ts";

/** Says of each row whether it is chosen. */
export interface Condition {
  /** Returns whether a row with these cells is chosen, or why that cannot be said. */
  judge(cells: readonly string[]): boolean | { readonly reason: string };
}

/** Where an error in a condition is, if it was given as a flag. */
const FLAG = "--where";

/**
 * Compiles the expression of `--where`: Liquid, with the names, filters and comparisons of a template.
 *
 * What would be a surprise is an error: a comparison that is the same for every row, `and` beside `or`, which Liquid reads from
 * right to left, and a filter that applies to more than it seems to.
 *
 * @throws {InputError} For an error in the syntax, an unknown name or filter, and such surprises, with its place.
 */
export function compileCondition(where: Where, columns: Columns): Condition {
  const { expression: text, place, timezone, dateFormat } = where;
  const source = { file: FLAG, text, line: 1, column: 1 };
  const dates = { zone: zoneOf(timezone ?? "UTC") ?? UTC, format: dateFormat, now: wallTime };
  const variables = new TemplateVariables(columns, {}, dates);
  const strict = { register: calculateStrictly };
  const engine = new Engine(new Folder("."), strict, ({ text }) => text, STRICT_OPERATORS);
  let value: Value;
  let names: ReadonlySet<string>;
  try {
    if (text.trim() === "") throw new InputError(`${FLAG} must be an expression: found ''`);
    refuseForeignSyntax(source);
    value = read(source, engine);
    names = checkCondition(value, { source, variables, engine });
  } catch (error) {
    if (error instanceof InputError) error.about("configuration");
    throw place === undefined ? error : atOrigin(error, { [FLAG]: place });
  }
  return {
    judge(fields) {
      try {
        const scope = variables.scope({ fields, key: "" }, names);
        return engine.isTrue(value, engine.context(scope, dates));
      } catch (error) {
        if (error instanceof InputError) throw error;
        return { reason: `--where cannot judge the row: ${renderReason(error)}` };
      }
    },
  };
}

function read(source: TemplateSource, engine: Engine): Value {
  try {
    return engine.expression(source);
  } catch (error) {
    if (!(error instanceof InputError) || !source.text.includes("|")) throw error;
    const { message, place } = error;
    const hint = `A filter for one side needs parentheses: (country | upcase) == "AT".`;
    throw new InputError(message, { place, hint, cause: error });
  }
}
