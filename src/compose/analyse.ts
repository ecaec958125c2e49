import { type Template as Node, TokenKind, toValueSync, type Value } from "liquidjs";
import { InputError } from "../report/input_error.ts";
import { type Engine, placeOf, renderReason, tokenPlace } from "./liquid.ts";
import type { Source } from "./template.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What can be said of a template without rendering it. */
export interface Analysis {
  /** Columns that are put out as they are, where no `if`, `unless`, `case` or `default` allows them to be empty. */
  readonly required: ReadonlySet<number>;
  /** Names that the template itself sets (`assign`, `capture`, `increment`); they hide columns of the same name. */
  readonly locals: ReadonlySet<string>;
  /** Names that come from the row or are given: what a scope has to hold. */
  readonly globals: ReadonlySet<string>;
}

/**
 * Checks every name of a template, of what it includes too, against the columns.
 *
 * @throws {InputError} For an unknown variable, an include that is missing or outside the template's folder or names its
 * file by a variable, and a `break` outside a loop.
 */
export function analyse(
  nodes: Node[],
  source: Source,
  engine: Engine,
  vocabulary: Vocabulary,
): Analysis {
  // The walk comes first: it finds includes that go round in circles, on which liquidjs' analysis would not end.
  const walk = new Walk(source, engine, vocabulary);
  walk.visit(nodes, { isOptional: false, isLoop: false, files: [] });
  const { globals, locals } = engine.analyze(nodes, true);
  const roots = new Set<string>();
  for (const { segments, location } of Object.values(globals).flat()) {
    roots.add(String(segments[0]));
    const path = segments.map((segment) => typeof segment === "object" ? undefined : segment);
    if (vocabulary.knows(path)) continue;
    const place = tokenPlace({
      file: location.file,
      getPosition: () => [location.row, location.col],
    }, source);
    throw unknownVariable(path, place, vocabulary);
  }
  return { required: walk.required, locals: new Set(Object.keys(locals)), globals: roots };
}

interface Surroundings {
  /** Within a tag whose condition decides whether its content is put out. */
  readonly isOptional: boolean;
  readonly isLoop: boolean;
  /** The includes on the way here. */
  readonly files: readonly string[];
}

/** One pass over the tree of a template and its includes. */
class Walk {
  readonly required = new Set<number>();
  readonly #source: Source;
  readonly #engine: Engine;
  readonly #vocabulary: Vocabulary;

  constructor(source: Source, engine: Engine, vocabulary: Vocabulary) {
    this.#source = source;
    this.#engine = engine;
    this.#vocabulary = vocabulary;
  }

  visit(nodes: readonly Node[], around: Surroundings): void {
    for (const node of nodes) {
      if (["break", "continue"].includes(nameOf(node)) && !around.isLoop) {
        this.#fail(node, `'${nameOf(node)}' stands outside a loop`);
      }
      const value = outputOf(node);
      if (value !== undefined && !around.isOptional) this.#require(node, value);
      this.visit(this.#childrenOf(node, around), this.#within(node, around));
    }
  }

  #require(node: Node, value: Value): void {
    if (value.filters.some(({ name }) => name === "default")) return;
    for (const { segments } of Object.values(this.#engine.analyze([node], false).globals).flat()) {
      const column = this.#vocabulary.column(segments);
      if (column !== undefined) this.required.add(column);
    }
  }

  #within(node: Node, around: Surroundings): Surroundings {
    const name = nameOf(node);
    const file = fileOf(node);
    return {
      isOptional: around.isOptional || ["if", "unless", "case"].includes(name),
      isLoop: around.isLoop || ["for", "tablerow"].includes(name),
      files: typeof file === "string" ? [...around.files, file] : around.files,
    };
  }

  #childrenOf(node: Node, around: Surroundings): Node[] {
    const file = fileOf(node);
    if (file !== undefined && typeof file !== "string") {
      this.#fail(
        node,
        `'${nameOf(node)}' names its file by a variable`,
        "Write the file's name in quotes: it is read before the first mail",
      );
    }
    if (typeof file === "string" && around.files.includes(file)) {
      this.#fail(node, `Includes go round in circles: '${file}' includes itself`);
    }
    try {
      return node.children === undefined ? [] : toValueSync(node.children(true, true)) as Node[];
    } catch (error) {
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      const message = isMissing
        ? `File not found in the template's folder: '${file}'`
        : renderReason(error);
      throw new InputError(message, {
        place: placeOf(error, this.#source) ?? tokenPlace(node.token, this.#source),
        cause: error,
      });
    }
  }

  #fail(node: Node, message: string, hint?: string): never {
    throw new InputError(message, {
      place: tokenPlace(node.token, this.#source),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

function unknownVariable(
  path: readonly unknown[],
  place: InputError["place"] & object,
  vocabulary: Vocabulary,
): InputError {
  const name = path.map((part) => typeof part === "string" || typeof part === "number" ? part : "…")
    .join(".");
  const guess = vocabulary.nearest(path);
  if (name === "unsubscribe_url") {
    return new InputError("Nothing says what 'unsubscribe_url' is", {
      place,
      hint: "Set --unsubscribe-url, or url under [unsubscribe] in campaign.toml",
    });
  }
  const columns = `The columns are: ${vocabulary.columns.names.join(", ")}`;
  return new InputError(`Unknown variable '${name}'`, {
    place,
    hint: guess === undefined ? columns : `Did you mean '${guess}'? ${columns}`,
  });
}

function nameOf(node: Node): string {
  return "name" in node && typeof node.name === "string" ? node.name : "";
}

/** The value that a node puts out: `{{ value }}` or `{% echo value %}`. */
function outputOf(node: Node): Value | undefined {
  const isOutput = node.token.kind === TokenKind.Output || nameOf(node) === "echo";
  return isOutput ? (node as Node & { value?: Value }).value : undefined;
}

/** The file that `include`, `render` or `layout` names; not a string where it holds a variable. */
function fileOf(node: Node): unknown {
  return ["include", "render", "layout"].includes(nameOf(node)) && "file" in node
    ? node.file
    : undefined;
}
