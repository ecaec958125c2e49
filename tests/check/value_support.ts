import { ValueWatch } from "../../src/check/content/values.ts";
import type { Finding } from "../../src/check/finding.ts";
import { columnsOf, composerOf, FROM, mailOf, textOf } from "../compose/support.ts";

export const NAMES = ["X", "Amount", "Points", "Most", "Member", "Email"];

/** The findings about a template and a list, whose rows are lines 2, 3 and so on. */
export async function findingsOf(
  template: string,
  rows: readonly Partial<Record<string, string>>[] = [{}],
  file = "mail.txt",
): Promise<Finding[]> {
  const composer = await composerOf(`${FROM}Subject: x\n\n${template}\n`, NAMES, { file });
  const watch = new ValueWatch(composer.uses(), columnsOf(...NAMES), "list.csv");
  rows.forEach((row, index) => watch.take(index + 2, NAMES.map((name) => row[name] ?? "")));
  return [...watch.findings()];
}

/** What the template makes of each row. */
export async function renderedOf(
  template: string,
  rows: readonly Partial<Record<string, string>>[],
): Promise<string[]> {
  const composer = await composerOf(`${FROM}Subject: x\n\n${template}\n`, NAMES);
  return rows.map((row) => {
    const cells = NAMES.map((name) => row[name] ?? (name === "Email" ? "ann@example.com" : ""));
    return textOf(mailOf(composer, cells)).split("\r\n\r\n")[1]!.trim();
  });
}
