import { composerOf, FROM, inputErrorOf } from "../support.ts";

export const NAMES = ["Name", "First Name", "City", "Points", "Tags", "Email"];

/** What a template is refused with, without the file: line 1 is the first line of the body. */
export async function saidOf(body: string): Promise<string> {
  const text = await inputErrorOf(() => composerOf(`${FROM}Subject: x\n\n${body}\n`, NAMES));
  return text.replace(/^mail\.txt:(\d+)/, (_, line) => String(Number(line) - 3));
}

/** A template that is refused. */
export type Row = readonly [body: string, message: string, hint?: string];
