import { Buffer } from "node:buffer";
import PostalMime from "postal-mime";
import { compileTemplate } from "../../src/compose/composer.ts";
import { columnsOf, FROM, mailOf } from "../compose/support.ts";
import { inFolder } from "../support/folder.ts";

/** A template of one file or several. */
export interface HtmlTemplate {
  /** The body of the template: HTML and Liquid. */
  readonly body: string;
  /** Files that it names, by their paths in its folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** More header lines. */
  readonly headers?: readonly string[];
}

/** A recipient's cells by column, without the address. */
export type Row = Readonly<Record<string, string>>;

/** The HTML parts of the mails that a template makes for these rows, as a mail program reads them. */
export async function mailHtmlOf(
  { body, files = {}, headers = [] }: HtmlTemplate,
  rows: readonly [Row, ...Row[]] = [{ Name: "Ann" }],
): Promise<string[]> {
  const made: string[] = [];
  await inFolder(files, async (folder) => {
    const head = [FROM.trim(), "Subject: News", ...headers].join("\n");
    const composer = await compileTemplate({
      template: { file: `${folder}/mail.html`, text: `${head}\n\n${body}` },
      columns: columnsOf(...Object.keys(rows[0]), "Email"),
      campaign: "spring",
    });
    for (const row of rows) {
      const mail = mailOf(composer, [...Object.values(row), "ann@example.com"]);
      const { html } = await PostalMime.parse(Buffer.from(mail.bytes));
      if (html === undefined) throw new Error("The mail has no HTML part");
      made.push(html);
    }
  });
  return made;
}

/** The HTML part of the first of those mails. */
export async function oneMailHtmlOf(template: HtmlTemplate): Promise<string> {
  return (await mailHtmlOf(template))[0]!;
}

/** The HTML of a mail, which ends with a line break, with the same ending as the original. */
export function endedLike(original: string, mail: string): string {
  return original.endsWith("\n") ? mail : mail.replace(/\r?\n$/, "");
}

/** A Liquid template that renders to this HTML. */
export function asLiquid(html: string): string {
  return html.replace(/\{(?=[{%])/g, '{{ "{" | raw }}');
}
