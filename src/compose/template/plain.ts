import { InputError, type SourcePlace } from "../../model/input_error.ts";
import type { Folder } from "../files/folder.ts";
import { Engine } from "./liquid.ts";
import type { MimePart } from "../mime/message.ts";
import { compile, type Compiled, type SlotDialect } from "./slots.ts";
import { checkSyntax } from "./syntax/grammar/template_syntax.ts";
import type { TemplateSource, TextFile } from "./template.ts";
import type { TemplateVariables } from "./template_variables.ts";

/** A compiled body and its type. */
export interface CompiledPart {
  readonly type: MimePart["type"];
  readonly compiled: Compiled;
  /** The first tag that requires Markdown to be converted for each mail; undefined: it was converted once. */
  readonly convertedPerMail?: SourcePlace | undefined;
}

/** Liquid for headers and plain text. */
export interface TextDialect extends SlotDialect {
  /** The files included by the templates checked so far. */
  readonly included: ReadonlyMap<string, TemplateSource>;
}

export function textDialectOf(folder: Folder, variables: TemplateVariables): TextDialect {
  const included = new Map<string, TemplateSource>();
  const engine: Engine = new Engine(folder, "none", (source) => {
    checkSyntax(source, { variables, engine });
    included.set(source.file, source);
    return source.text;
  });
  return { engine, reader: engine, variables, escape: asItIs, included };
}

/** Returns plain text unescaped. */
export function asItIs(value: string): string {
  return value;
}

/** The only part of a plain text template. */
export function plainBody(
  body: TemplateSource,
  text: TextFile | undefined,
  dialect: TextDialect,
): CompiledPart[] {
  if (text !== undefined) {
    throw new InputError("A plain text template cannot have a second text part", {
      place: { file: text.file },
      hint: "A text part belongs to a Markdown or HTML template (.md, .html).",
    });
  }
  return [{ type: "text/plain", compiled: compile(body, dialect) }];
}
