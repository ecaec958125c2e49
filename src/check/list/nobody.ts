import { countOf } from "../../text/quantity.ts";
import type { Finding } from "../finding.ts";

/** Finds that a list has nobody to send to: the condition chooses none of `notChosen` rows, or no row makes a mail. */
export function nobodyFindings(
  file: string,
  { rows, recipients }: { readonly rows: number; readonly recipients: number },
  notChosen: number,
): readonly Finding[] {
  if (rows === 0) return [nobodyChosenFinding(file, notChosen)];
  return recipients === 0 ? [nobodyFinding(file)] : [];
}

function nobodyFinding(file: string): Finding {
  return {
    level: "error",
    check: "list.nobody",
    what: "No mail can be made from any row of the list",
    why: "There is nobody to send to",
    fix: "Correct the rows; all of them may have the same fault",
    where: { file },
  };
}

function nobodyChosenFinding(file: string, rows: number): Finding {
  return {
    level: "warning",
    check: "list.not-chosen",
    what: `The condition (--where) chooses none of ${countOf(rows, "row")}`,
    why: "There is nobody to send to",
    fix: "Compare the condition with the cells of the list",
    where: { file },
  };
}
