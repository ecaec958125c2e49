import { dirname, resolve } from "node:path";
import { Context, Liquid, type Template as Node, Tokenizer, toValueSync, Value } from "liquidjs";
import { InputError, type SourcePlace } from "../../model/input_error.ts";
import { DATE_FILTERS, withDates } from "./dates/date_filters.ts";
import { type DateSettings, DEFAULT_DATES } from "./dates/moment.ts";
import { type Escape, ESCAPES } from "../escaping/escapes.ts";
import type { Folder } from "../files/folder.ts";
import { countOutput, RenderLimitError, renderLimits } from "./render_limit.ts";
import { placeIn, sourceOf, type TemplateSource } from "./template.ts";
import { isTrue, OPERATORS, treatBlanksAsEmpty } from "./values/emptiness.ts";
import { jsonParse } from "./values/json_parse.ts";
import type { VariableScope } from "./template_variables.ts";

/** Characters of one template. */
const PARSE_LIMIT = 10_000_000;

/**
 * Liquid as a template may use it.
 *
 * A blank text is false in `if`. With `escape: "html"` every output is HTML-escaped, with "url" percent-encoded, unless its
 * last filter is `raw`; files named by `include`, `render` and `layout` come from the template's folder only.
 */
export class Engine {
  readonly #liquid: Liquid;

  /**
   * @param escape How outputs are escaped.
   * @param included Gives the content of an included file: its text as it is, or converted to HTML or text.
   * @param operators What `==`, `and` and the others do.
   */
  constructor(
    folder: Folder,
    escape: Escape | keyof typeof ESCAPES,
    included: (source: TemplateSource) => string,
    operators = OPERATORS,
  ) {
    const { outputEscape, register }: Escape = typeof escape === "string"
      ? ESCAPES[escape]
      : escape;
    this.#liquid = new Liquid({
      ...(outputEscape === undefined ? {} : { outputEscape }),
      strictFilters: true,
      ownPropertyOnly: true,
      operators,
      // Names of months and days do not depend on the machine, and reading its locale takes 15 ms of the start.
      locale: "en-US",
      cache: true,
      root: [folder.path],
      relativeReference: true,
      fs: includesFrom(folder, included),
      parseLimit: PARSE_LIMIT,
    });
    countOutput(this.#liquid);
    treatBlanksAsEmpty(this.#liquid);
    for (const [name, filter] of Object.entries(DATE_FILTERS)) {
      this.#liquid.registerFilter(name, filter);
    }
    this.#liquid.registerFilter("json_parse", jsonParse);
    register?.(this.#liquid);
  }

  /** @throws {InputError} For an error in the syntax, an unknown tag or an unknown filter, with its place. */
  parse(source: TemplateSource): Node[] {
    try {
      return this.#liquid.parse(source.text, source.file);
    } catch (error) {
      throw inputErrorOf(error, source);
    }
  }

  /**
   * Reads an expression that is not in a template. Unlike there, parentheses group its parts.
   *
   * @throws {InputError} For an error in the syntax, with its place; an unknown filter within parentheses is not found.
   */
  expression(source: TemplateSource): Value {
    const { text, file } = source;
    const { operators } = this.#liquid.options;
    try {
      const tokenizer = new Tokenizer(text, operators, file, undefined, true);
      const value = new Value(tokenizer.readFilteredValue(), this.#liquid);
      tokenizer.skipBlank();
      tokenizer.assert(tokenizer.end(), () => `unexpected character ${tokenizer.snapshot()}`);
      return value;
    } catch (error) {
      throw inputErrorOf(error, source, "Cannot read the expression");
    }
  }

  /** Returns whether a value is true in this context. @throws What liquidjs throws; see {@linkcode renderReason}. */
  isTrue(value: Value, context: Context): boolean {
    return isTrue(toValueSync(value.value(context)));
  }

  hasFilter(name: string): boolean {
    return Object.hasOwn(this.#liquid.filters, name);
  }

  get filterNames(): readonly string[] {
    return Object.keys(this.#liquid.filters);
  }

  hasTag(name: string): boolean {
    return Object.hasOwn(this.#liquid.tags, name);
  }

  get tagNames(): readonly string[] {
    return Object.keys(this.#liquid.tags);
  }

  get operators(): typeof OPERATORS {
    return this.#liquid.options.operators;
  }

  /** A context for rendering the nodes of one part in order; assignments live in it. */
  context(scope: VariableScope, dates: DateSettings = DEFAULT_DATES): Context {
    withDates(scope, dates);
    // As globals, which are also visible in a file included by `render`.
    const options = { sync: true, globals: scope };
    return new Context(Object.create(null), this.#liquid.options, options, {
      liquid: this.#liquid,
      ...renderLimits(),
    });
  }

  /** @throws What liquidjs throws; see {@linkcode renderReason}. */
  render(nodes: Node[], context: Context): string {
    // A context may be passed as a scope: liquidjs checks for it by `instanceof`, though its types do not say so.
    return this.#liquid.renderSync(nodes, context as unknown as object);
  }

  analyze(nodes: Node[], partials: boolean): ReturnType<Liquid["analyzeSync"]> {
    return this.#liquid.analyzeSync(nodes, { partials });
  }
}

/** The reason that liquidjs gives for an error, without the place it appends. */
export function renderReason(error: unknown): string {
  const cause = causeOf(error);
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/(, file:.*)?(, line:\d+, col:\d+)$/s, "");
}

/** Returns whether a part of a mail exceeds a limit; liquidjs throws that error as it is, or inside one of its own. */
export function isRenderLimit(error: unknown): boolean {
  return causeOf(error) instanceof RenderLimitError;
}

function causeOf(error: unknown): unknown {
  return isLiquidError(error) && error.originalError instanceof Error ? error.originalError : error;
}

/** An error of liquidjs as one of the user's input. */
export function inputErrorOf(
  error: unknown,
  source: TemplateSource,
  fault = "Template error",
): InputError {
  return inputErrorIn(error) ?? new InputError(`${fault}: ${renderReason(error)}`, {
    place: placeOf(error, source) ?? placeIn(source, 1, 1),
    cause: error,
  });
}

/** The error of the user's input that liquidjs passes on, such as one in an included file. */
export function inputErrorIn(error: unknown): InputError | undefined {
  const original = isLiquidError(error) ? error.originalError : error;
  return original instanceof InputError ? original : undefined;
}

/** The place of liquidjs' tokens. */
interface TokenPosition {
  readonly file?: string | undefined;
  /** Row and column, from 1. */
  getPosition(): number[];
}

interface LiquidErrorShape {
  readonly originalError?: unknown;
  readonly token?: TokenPosition;
}

function isLiquidError(error: unknown): error is LiquidErrorShape {
  return error instanceof Error && "token" in error;
}

/** The place that a liquidjs error points to. */
export function placeOf(error: unknown, source: TemplateSource): SourcePlace | undefined {
  if (!isLiquidError(error) || error.token === undefined) return undefined;
  return tokenPlace(error.token, source);
}

/** The place of a Liquid token, in `source` or in a file it includes. */
export function tokenPlace(token: TokenPosition, source: TemplateSource): SourcePlace {
  const [row = 1, column = 1] = token.getPosition();
  return token.file === undefined || token.file === source.file
    ? placeIn(source, row, column)
    : { file: token.file, line: row, column };
}

type FileSystem = NonNullable<NonNullable<ConstructorParameters<typeof Liquid>[0]>["fs"]>;

/** The path where liquidjs finds an included file: beside the including file if the name is relative, otherwise in the template's folder. */
export function includePath(folder: Folder, name: string, from: string): string | undefined {
  const beside = /^\.\.?\//.test(name) ? [resolve(dirname(from), name)] : [];
  return [...beside, resolve(folder.path, name)].find((file) =>
    typeof folder.find(file) === "object"
  );
}

function includesFrom(folder: Folder, included: (source: TemplateSource) => string): FileSystem {
  const isThere = (file: string): boolean => typeof folder.find(file) === "object";
  const read = (file: string): string => {
    const found = folder.find(file);
    if (typeof found === "string") {
      throw new Error(`File not found in the template's folder: '${file}'`);
    }
    const text = Deno.readTextFileSync(found.path);
    folder.noteSource(found.path, text);
    return included(sourceOf({ file, text }));
  };
  return {
    sep: "/",
    dirname,
    resolve: (directory, file) => resolve(directory, file),
    containsSync: (_, file) => isThere(file),
    existsSync: isThere,
    readFileSync: read,
    contains: (_, file) => Promise.resolve(isThere(file)),
    exists: (file) => Promise.resolve(isThere(file)),
    readFile: (file) => Promise.resolve(read(file)),
  };
}
