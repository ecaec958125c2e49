import type { TagToken } from "liquidjs";
import { quote } from "../../../../text/quote.ts";
import { foreignTag } from "./foreign_words.ts";
import type { ValueSyntax } from "./value_syntax.ts";

type Arguments = TagToken["tokenizer"];

/** Settings of loops; liquidjs ignores any other. */
const LOOP_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  for: ["limit", "offset", "reversed"],
  tablerow: ["cols", "limit", "offset"],
};

/** Checks what follows the name of a tag. */
export class TagSyntax {
  readonly #values: ValueSyntax;

  constructor(values: ValueSyntax) {
    this.#values = values;
  }

  /** @throws {InputError} For anything that liquidjs would skip. */
  check({ name, tokenizer: given, begin }: TagToken): void {
    switch (name) {
      case "if":
      case "unless":
      case "elsif":
        return this.#values.filtered(given, "condition");
      case "case":
        return this.#values.filtered(given, "kept");
      case "when":
        return this.#when(given);
      case "echo":
        return this.#echo(given);
      case "assign":
        return this.#assign(given);
      case "for":
      case "tablerow":
        return this.#loop(given, name);
      case "cycle":
        return this.#cycle(given);
      case "include":
      case "render":
      case "layout":
        return this.#file(given, name);
      case "capture":
      case "increment":
      case "decrement":
        return this.#name(given, begin, name);
      case "block":
        return this.#block(given);
      case "else":
        return this.#else(given);
      case "comment":
      case "#":
      case "liquid":
        return;
      default:
        return this.#values.end(given);
    }
  }

  #else(given: Arguments): void {
    given.skipBlank();
    if (/^if\b/.test(given.remaining())) {
      this.#values.fail(given.p, "Unexpected 'if' after 'else'", "Write {% elsif … %}.");
    }
    this.#values.end(given);
  }

  #echo(given: Arguments): void {
    given.skipBlank();
    if (!given.end()) this.#values.filtered(given, "output");
  }

  #assign(given: Arguments): void {
    const name = given.readIdentifier();
    given.skipBlank();
    if (name.size() === 0 || given.peek() !== "=" || given.peek(1) === "=") {
      this.#values.fail(given.p, "'assign' needs a name, '=' and a value", EXAMPLES.assign);
    }
    given.advance();
    this.#values.filtered(given, "kept");
  }

  #when(given: Arguments): void {
    for (;;) {
      this.#values.value(given);
      given.skipBlank();
      if (given.end()) return;
      const separator = given.peek() === "," ? "," : /^or\b/.exec(given.remaining())?.[0];
      if (separator === undefined) return this.#values.end(given, EXAMPLES.when);
      given.advance(separator.length);
    }
  }

  #loop(given: Arguments, tag: string): void {
    const variable = given.readIdentifier();
    if (variable.size() === 0 || given.readIdentifier().getText() !== "in") {
      this.#values.fail(variable.begin, `'${tag}' needs a name, 'in' and a list`, EXAMPLES.for);
    }
    this.#values.value(given);
    given.skipBlank();
    if (given.peek() === "|") {
      this.#values.failUnexpected(given, "A list takes no filter here: assign it to a name first.");
    }
    const known = LOOP_SETTINGS[tag]!;
    this.#settings(given, (name, offset, hasValue) => {
      const isFlag = name === "reversed";
      if (!known.includes(name)) {
        const all = known.join(", ");
        this.#values.fail(offset, `'${tag}' has no setting '${name}'`, `The settings are ${all}.`);
      }
      if (!hasValue && !isFlag) {
        this.#values.fail(offset, `'${name}' needs a value`, `Write ${name}: 2.`);
      }
    });
  }

  #cycle(given: Arguments): void {
    const start = given.p;
    given.readValue();
    given.skipBlank();
    if (given.peek() === ":") given.advance();
    else given.p = start;
    for (;;) {
      this.#values.filtered(given, "output", ",");
      if (given.end()) return;
      given.advance();
      given.skipBlank();
      if (given.end()) return;
    }
  }

  #file(given: Arguments, tag: string): void {
    this.#values.value(given);
    if (tag === "layout") return this.#settings(given);
    for (let word; (word = this.#keyword(given, tag)) !== undefined;) {
      this.#values.value(given);
      const alias = /^\s+as\b/.exec(given.remaining());
      if (alias !== null) {
        if (tag === "include") {
          given.skipBlank();
          this.#values.failUnexpected(given, EXAMPLES.as);
        }
        given.advance(alias[0].length);
        if (given.readIdentifier().size() === 0) {
          this.#values.fail(given.p, "A name is missing after 'as'");
        }
      } else if (word === "for") {
        this.#values.fail(given.p, "'for' needs a name for each item", EXAMPLES.each);
      }
      given.skipBlank();
      if (given.peek() === ",") given.advance();
    }
    this.#settings(given);
  }

  /** Reads `with` or, in `render`, `for`, unless a setting has that name. */
  #keyword(given: Arguments, tag: string): string | undefined {
    const found = /^\s*(with|for)(?![\w-])(?!\s*:)/.exec(given.remaining());
    if (found === null || (found[1] === "for" && tag === "include")) return undefined;
    given.advance(found[0].length);
    return found[1];
  }

  #settings(
    given: Arguments,
    check: (name: string, offset: number, hasValue: boolean) => void = () => {},
  ): void {
    for (;;) {
      given.skipBlank();
      if (given.peek() === ",") given.advance();
      const name = given.readIdentifier();
      if (name.size() === 0) return this.#values.end(given);
      given.skipBlank();
      const hasValue = given.peek() === ":";
      check(name.getText(), name.begin, hasValue);
      if (given.peek() === "=") {
        const setting = name.getText();
        this.#values.fail(given.p, `Unexpected '=' after '${setting}'`, `Write ${setting}: value.`);
      }
      if (!hasValue) continue;
      given.advance();
      this.#values.value(given);
    }
  }

  #name(given: Arguments, begin: number, tag: string): void {
    const hasName = given.readIdentifier().size() > 0 ||
      (tag === "capture" && given.readQuoted() !== undefined);
    if (!hasName) this.#values.fail(begin, `'${tag}' needs a name`);
    this.#values.end(given);
  }

  #block(given: Arguments): void {
    const written = given.remaining().trim();
    if (/^(?:\w*|"\w+"|'\w+')$/.test(written)) return;
    const offset = given.p + given.remaining().search(/\S/);
    this.#values.fail(
      offset,
      `A block's name is one word: found ${quote(written)}`,
      "It may have letters, digits and '_'.",
    );
  }
}

const EXAMPLES = {
  assign: 'Write {% assign name = "value" %}.',
  when: 'Write {% when "a", "b" %}.',
  for: "Write {% for item in items %}.",
  as: 'Write {% render "file" with value as name %}, or {% include "file", name: value %}.',
  each: 'Write {% render "file" for items as item %}.',
};

/** What was meant by a tag that Liquid does not have, or that has no effect where it is. */
export function unknownTagHint(name: string): string | undefined {
  const [, ended] = /^end(\w+)$/.exec(name) ?? [];
  return foreignTag(name) ?? (ended === undefined ? undefined : foreignTag(ended));
}
