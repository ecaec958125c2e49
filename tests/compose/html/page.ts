import PostalMime from "postal-mime";
import { compileTemplate } from "../../../src/compose/composer.ts";
import { inFolder } from "../../support/folder.ts";
import { columnsOf, FROM, mailOf } from "../support.ts";

/** How a template is made into a mail. */
export interface PageOptions {
  readonly file?: string;
  readonly row?: Record<string, string>;
  /** The files next to the template, by name. */
  readonly files?: Record<string, string>;
  /** Header lines besides From and Subject. */
  readonly headers?: string;
  /** The text part instead: for a `.txt` template, it is what was written. */
  readonly isText?: boolean;
}

/** The HTML of a template's mail. */
export async function htmlOf(body: string, options: PageOptions = {}): Promise<string> {
  const { file = "mail.html", row = { Name: "Ann" }, files = {}, headers = "", isText = false } =
    options;
  let html = "";
  await inFolder(files, async (folder) => {
    const composer = await compileTemplate({
      template: { file: `${folder}/${file}`, text: `${FROM}Subject: x\n${headers}\n${body}` },
      columns: columnsOf(...Object.keys(row), "Email"),
      campaign: "spring",
    });
    const mail = mailOf(composer, [...Object.values(row), "ann@example.com"]);
    const read = await PostalMime.parse(mail.bytes);
    html = isText ? read.text! : read.html!;
  });
  return html;
}

/** A whole document around a body, as the mail's HTML has it. */
export function page(body: string): string {
  return `<!DOCTYPE html>\n<html><head><title>x</title></head><body>${body}</body></html>\n`;
}
