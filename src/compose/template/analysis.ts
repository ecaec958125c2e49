import { type Template as Node, TokenKind, TypeGuards, type Value } from "liquidjs";
import { InputError } from "../../model/input_error.ts";
import { visible } from "../../text/unseen.ts";
import { type Engine, inputErrorIn, placeOf, renderReason, tokenPlace } from "./liquid.ts";
import { AssignedColumns, assignmentOf, variableOf } from "./syntax/assigned_columns.ts";
import {
  argumentsOf,
  childrenOf,
  isCondition,
  isCounter,
  isLoop,
  nameOf,
  placeKey,
  settingsOf,
  variablesOf,
} from "./syntax/operands.ts";
import { checkDateArguments } from "./syntax/date_arguments.ts";
import { foreignName } from "./syntax/grammar/foreign_words.ts";
import { type ValueUse, valueUses } from "./syntax/value_uses.ts";
import type { TemplateSource } from "./template.ts";
import type { TemplateVariables } from "./template_variables.ts";

/** What is known about a template without rendering it. */
export interface Analysis {
  /**
   * Columns that are put out, directly or through a name that the template sets, where no `if`, `unless`, `case` or `default`
   * allows them to be empty.
   */
  readonly required: ReadonlySet<number>;
  /** Names that the template itself sets (`assign`, `capture`, `increment`); they hide columns of the same name. */
  readonly locals: ReadonlySet<string>;
  /** Names that come from the row or from the program, and that a scope must have. */
  readonly globals: ReadonlySet<string>;
  /** How the template uses values. */
  readonly uses: readonly ValueUse[];
}

/**
 * Checks every name of a template and of what it includes against the columns.
 *
 * @throws {InputError} For an unknown variable, an include that is missing, outside the template's folder or named by a
 * variable, a `break` outside a loop, an invalid date format or time zone, and a comparison with the same result for every row.
 */
export function analyse(
  nodes: Node[],
  source: TemplateSource,
  engine: Engine,
  variables: TemplateVariables,
): Analysis {
  // The walk comes first: it finds includes that form a loop, on which liquidjs' analysis would not end.
  const walk = new TemplateWalk(source, variables);
  walk.start(nodes);
  const { globals, locals } = engine.analyze(nodes, true);
  const roots = new Set<string>();
  for (const { segments, location } of Object.values(globals).flat()) {
    const key = `${location.file}:${location.row}:${location.col}`;
    roots.add(String(segments[0]));
    if (walk.free.has(key)) continue;
    const path = segments.map((segment) => typeof segment === "object" ? undefined : segment)
      .slice(0, walk.named.get(key));
    if (variables.knows(path)) continue;
    const place = tokenPlace({
      file: location.file,
      getPosition: () => [location.row, location.col],
    }, source);
    throw unknownVariable(path, place, variables);
  }
  if (walk.named.size > 0) { for (const name of [...variables.names, "row"]) roots.add(name); }
  return {
    required: walk.required,
    locals: new Set(Object.keys(locals)),
    globals: roots,
    uses: valueUses(nodes, source, variables),
  };
}

interface AnalysisContext {
  /** Within a tag that decides whether its content is put out. */
  readonly isOptional: boolean;
  readonly isLoop: boolean;
  /** The chain of includes that leads here. */
  readonly files: readonly string[];
  /** The columns that the names set by the template depend on. */
  readonly assigned: AssignedColumns;
  /** Collects the columns without which there is nothing to put out here. */
  readonly needed: Set<number>;
}

/** One pass over the tree of a template and its includes. */
class TemplateWalk {
  readonly required = new Set<number>();
  /** Variables that need not be known, by their places: Liquid's words, and names that are only labels. */
  readonly free = new Set<string>();
  /** Variables whose name is the value of another one, by their places, with the length of the other's path. */
  readonly named = new Map<string, number>();
  readonly #source: TemplateSource;
  readonly #assigned: AssignedColumns;

  constructor(source: TemplateSource, variables: TemplateVariables) {
    this.#source = source;
    this.#assigned = new AssignedColumns(variables);
  }

  start(nodes: readonly Node[]): void {
    this.#visit(nodes, {
      isOptional: false,
      isLoop: false,
      files: [],
      assigned: this.#assigned,
      needed: this.required,
    });
  }

  #visit(nodes: readonly Node[], around: AnalysisContext): void {
    for (const node of nodes) {
      const name = nameOf(node);
      if (["break", "continue"].includes(name) && !around.isLoop) {
        this.#fail(node, `'${name}' is outside a loop`);
      }
      this.#note(node);
      checkDateArguments(node, this.#source);
      const value = outputOf(node);
      if (value !== undefined && !around.isOptional) {
        for (const column of around.assigned.of(value)) around.needed.add(column);
      }
      const within = this.#within(node, around);
      this.#visit(this.#childrenOf(node, around), within);
      this.#setNames(node, around, within);
    }
  }

  /** Notes the variables that are not ordinary ones. */
  #note(node: Node): void {
    const { offset } = settingsOf(node);
    const group = nameOf(node) === "cycle" && "group" in node ? node.group : undefined;
    for (const variable of argumentsOf(node).flatMap((argument) => [...variablesOf(argument)])) {
      const isContinue = variable === offset && variable.getText() === "continue";
      const isGroup = variable === group && variable.props.length === 1;
      if (variable.variable !== undefined || isContinue || isGroup) {
        this.free.add(placeKey(variable));
      }
      const [root] = variable.props;
      if (TypeGuards.isPropertyAccessToken(root)) {
        this.named.set(placeKey(variable), root.props.length);
      }
    }
  }

  #setNames(node: Node, around: AnalysisContext, within: AnalysisContext): void {
    const { assigned } = around;
    const isSure = !around.isOptional && !around.isLoop;
    const assignment = assignmentOf(node);
    if (assignment !== undefined) {
      assigned.set(assignment.name, assigned.of(assignment.value), isSure);
    } else if (nameOf(node) === "capture") {
      assigned.set(variableOf(node), within.needed, isSure);
    } else if (isCounter(node)) {
      assigned.set(variableOf(node), new Set(), true);
    }
  }

  #within(node: Node, around: AnalysisContext): AnalysisContext {
    const name = nameOf(node);
    const file = fileOf(node);
    return {
      isOptional: around.isOptional || isCondition(node),
      isLoop: around.isLoop || isLoop(node),
      files: typeof file === "string" ? [...around.files, file] : around.files,
      assigned: around.assigned.within(node),
      needed: name === "capture" ? new Set() : around.needed,
    };
  }

  #childrenOf(node: Node, around: AnalysisContext): Node[] {
    const file = fileOf(node);
    if (file !== undefined && typeof file !== "string") {
      this.#fail(
        node,
        `'${nameOf(node)}' takes its file name from a variable`,
        "Write the file name in quotes. The file is read before the first mail.",
      );
    }
    if (typeof file === "string" && around.files.includes(file)) {
      this.#fail(node, `Includes form a loop: '${file}' includes itself`);
    }
    try {
      return childrenOf(node);
    } catch (error) {
      const found = inputErrorIn(error);
      if (found !== undefined) throw found;
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
    throw new InputError(message, { place: tokenPlace(node.token, this.#source), hint });
  }
}

/** The error for a name that is neither a column's nor a given. */
export function unknownVariable(
  path: readonly unknown[],
  place: InputError["place"] & object,
  variables: TemplateVariables,
): InputError {
  const name = path.map((part) => typeof part === "string" || typeof part === "number" ? part : "…")
    .join(".");
  const guess = variables.nearest(path);
  if (name === "unsubscribe_url") {
    return new InputError("'unsubscribe_url' is not set", {
      place,
      hint: "Set --unsubscribe-url, or url under [unsubscribe] in campaign.toml.",
    });
  }
  const foreign = foreignName(path);
  if (foreign !== undefined) {
    return new InputError(`Unknown variable '${name}'`, { place, hint: foreign });
  }
  const columns = `The columns are: ${variables.columns.names.map(visible).join(", ")}.`;
  return new InputError(`Unknown variable '${name}'`, {
    place,
    hint: guess === undefined ? columns : `Did you mean '${guess}'? ${columns}`,
  });
}

/** The value that a node puts out: `{{ value }}` or `{% echo value %}`. */
function outputOf(node: Node): Value | undefined {
  const isOutput = node.token.kind === TokenKind.Output || nameOf(node) === "echo";
  return isOutput ? (node as Node & { value?: Value }).value : undefined;
}

/** The file that `include`, `render` or `layout` names; not a string if it is a variable. */
function fileOf(node: Node): unknown {
  return ["include", "render", "layout"].includes(nameOf(node)) && "file" in node
    ? node.file
    : undefined;
}
