import type { SendOptions } from "../send_options.ts";
import { InputError } from "../../model/input_error.ts";
import { countOf } from "../../text/quantity.ts";
import type { Scan } from "../../model/scan.ts";

/**
 * With `--strict`, refuses rows that get no mail although they are not mere repetitions: two invoices to one address.
 *
 * @throws {InputError} for the first row whose address is in an earlier row with different cells
 */
export function refuseDiffering(
  { strict, recipients }: Pick<SendOptions, "strict" | "recipients">,
  scan: Scan | undefined,
): void {
  const [found] = scan?.differing?.examples ?? [];
  if (!strict || found === undefined) return;
  const { line, first } = found;
  const others = scan!.differing!.count - 1;
  const more = others === 0 ? "" : `, as ${countOf(others, "more row does", "more rows do")}`;
  throw new InputError(
    `Row has the address of line ${first}, but different cells, and gets no mail${more}; --strict is set`,
    {
      place: { file: recipients, line },
      hint:
        "Use --key COLUMN if each of these rows is to get a mail; otherwise remove them, or omit --strict.",
      kind: "list",
    },
  );
}
