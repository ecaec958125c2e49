import type { ValueWatch } from "../../check/content/values.ts";
import type { Finding } from "../../check/finding.ts";
import type { Composer } from "../../compose/composer.ts";
import type { Columns, Recipient } from "../../model/recipient.ts";
import type { Reporter } from "../../report/reporter.ts";

type Warning = Pick<Reporter, "warn">;

/** Warns of `and` before `or` in the template, as `check` does. */
export async function warnOfMixed(composer: Composer, reporter: Warning): Promise<void> {
  const uses = composer.uses().filter((use) => use.kind === "mixed");
  if (uses.length === 0) return;
  const { mixedFinding } = await import("../../check/content/values.ts");
  for (const use of uses) warnOf(mixedFinding(use), reporter);
}

/** Watches, while a list is scanned, for numbers that the template orders as text. */
export class OrderWatch {
  readonly #values: ValueWatch;

  private constructor(values: ValueWatch) {
    this.#values = values;
  }

  /**
   * Undefined if the template orders no texts.
   *
   * @param list Path of the list, for naming its lines.
   */
  static async of(
    composer: Composer,
    columns: Columns,
    list: string,
  ): Promise<OrderWatch | undefined> {
    const uses = composer.uses().filter(({ kind }) => kind === "order");
    if (uses.length === 0) return undefined;
    const { ValueWatch } = await import("../../check/content/values.ts");
    return new OrderWatch(new ValueWatch(uses, columns, list));
  }

  readonly onRecipient = ({ line, fields }: Recipient): void => this.#values.take(line, fields);

  /** Warns as `check` does. */
  report(reporter: Warning): void {
    for (const finding of this.#values.findings()) warnOf(finding, reporter);
  }
}

function warnOf({ what, fix, where }: Finding, reporter: Warning): void {
  const place = where !== undefined && "file" in where
    ? `${where.file}:${where.line}:${where.column}: `
    : "";
  reporter.warn(`${place}${what}. ${fix}.`);
}
