import { type Token, type Tokenizer, TypeGuards } from "liquidjs";
import { InputError } from "../../../../model/input_error.ts";
import { nearest } from "../../../../text/nearest.ts";
import { quote } from "../../../../text/quote.ts";
import type { Engine } from "../../liquid.ts";
import { placeAt, type TemplateSource } from "../../template.ts";
import type { TemplateVariables } from "../../template_variables.ts";
import { operandFault } from "./operand_fault.ts";
import {
  oneSided,
  OPERATORS_HINT,
  shapeFault,
  unjoined,
  unjoinedHint,
} from "./expression_shape.ts";
import { foreignFilter, foreignSign, foreignWord } from "./foreign_words.ts";

/** What a template may use. */
export interface SyntaxContext {
  readonly variables: TemplateVariables;
  readonly engine: Engine;
}

/** What a value is for: to be put out, to be judged as true or false, or to be kept under a name. */
export type ValuePurpose = "output" | "condition" | "kept";

/** A tokenizer, at its place in the text. */
type Reading = Tokenizer;

/** Reads values as liquidjs does, and refuses what it would skip, and what does not do what it seems to. */
export class ValueSyntax {
  readonly #source: TemplateSource;
  readonly #context: SyntaxContext;

  constructor(source: TemplateSource, context: SyntaxContext) {
    this.#source = source;
    this.#context = context;
  }

  /**
   * Reads a value with its filters.
   *
   * @param stop A character before which it may end.
   */
  filtered(reading: Reading, purpose: ValuePurpose, stop = ""): void {
    const begin = reading.p;
    const tokens = this.#expression(reading);
    if (tokens.length === 0) this.#failMissing(reading);
    for (const token of tokens) this.#operand(token);
    this.#checkShape(tokens, purpose);
    this.#checkTruth(tokens, purpose);
    this.#filters(reading, begin, stop);
  }

  /** Reads a value without filters. */
  value(reading: Reading): void {
    reading.skipBlank();
    const begin = reading.p;
    const value = reading.readValue();
    if (value !== undefined) return this.#operand(value);
    reading.p = begin;
    this.#failMissing(reading);
  }

  /** @throws {InputError} If anything is left. */
  end(reading: Reading, hint?: string): void {
    reading.skipBlank();
    if (!reading.end()) this.failUnexpected(reading, hint);
  }

  fail(offset: number, message: string, hint?: string): never {
    throw new InputError(message, { place: placeAt(this.#source, offset), hint });
  }

  failUnexpected(reading: Reading, hint?: string): never {
    const rest = reading.remaining();
    const foreign = foreignSign(rest);
    const word = /^[\p{L}_]+/u.exec(rest)?.[0] ?? "";
    const found = foreign?.sign ?? rest.trim();
    const before = reading.input.slice(0, reading.p).trimEnd().match(/[^\s{%|,:]+$/)?.[0];
    const after = before === undefined ? "" : ` after ${quote(before)}`;
    this.fail(
      reading.p,
      `Unexpected ${quote(found)}${after}`,
      foreign?.hint ?? foreignWord(word) ?? hint,
    );
  }

  #expression(reading: Reading): readonly Token[] {
    const tokens: Token[] = [];
    const read = reading.readExpressionTokens();
    for (;;) {
      reading.skipBlank();
      const last = tokens.at(-1);
      const begin = reading.p;
      if (reading.peek() === "(" && !/^\([^()]*\.\.[^()]*\)/.test(reading.remaining())) {
        if (last !== undefined && !TypeGuards.isOperatorToken(last)) this.failUnexpected(reading);
        this.fail(begin, "Parentheses cannot group values in a template", GROUPS);
      }
      const { value } = read.next();
      if (value === undefined) {
        // A dot without a name after it is taken, and gives nothing.
        reading.p = begin;
        return tokens;
      }
      tokens.push(value as Token);
    }
  }

  #failMissing(reading: Reading): never {
    reading.skipBlank();
    if (!reading.end()) this.failUnexpected(reading);
    this.fail(reading.p, "A value is missing");
  }

  #filters(reading: Reading, begin: number, stop: string): void {
    const value = reading.input.slice(begin, reading.p).trim();
    for (;;) {
      reading.skipBlank();
      if (reading.end() || (stop !== "" && reading.peek() === stop)) return;
      if (reading.peek() !== "|") this.failUnexpected(reading, moreValuesHint(reading, value));
      if (reading.peek(1) === "|") this.failUnexpected(reading);
      const bar = reading.p;
      reading.advance();
      const name = reading.readIdentifier();
      if (name.size() === 0) this.fail(bar, "The name of a filter is missing after '|'");
      this.#checkFilter(name.getText(), name.begin);
      this.#arguments(reading, name.getText(), stop);
    }
  }

  #checkFilter(name: string, offset: number): void {
    const { engine } = this.#context;
    if (engine.hasFilter(name)) return;
    const guess = nearest(name, engine.filterNames);
    const hint = foreignFilter(name) ??
      (guess === undefined ? undefined : `Did you mean '${guess}'?`);
    this.fail(offset, `Unknown filter '${name}'`, hint);
  }

  #arguments(reading: Reading, filter: string, stop: string): void {
    reading.skipBlank();
    if (reading.peek() === "(") {
      this.fail(
        reading.p,
        `Unexpected '(' after the filter '${filter}'`,
        `Arguments follow a colon: ${filter}: ${
          /^\(([^()]*)\)/.exec(reading.remaining())?.[1] || "…"
        }`,
      );
    }
    if (reading.peek() !== ":") return this.#checkAfterFilter(reading, filter, stop);
    do {
      const sign = reading.p;
      reading.advance();
      const given = reading.readFilterArg();
      const value = Array.isArray(given) ? given[1] : given;
      if (value === undefined) {
        reading.skipBlank();
        if (!reading.end() && reading.peek() !== ",") this.failUnexpected(reading);
        this.fail(sign, `A value is missing after '${reading.input[sign]}'`);
      }
      this.#operand(value);
      reading.skipBlank();
    } while (reading.peek() === ",");
    this.#checkAfterFilter(reading, filter, stop);
  }

  #checkAfterFilter(reading: Reading, filter: string, stop: string): void {
    if (reading.end() || reading.peek() === "|" || reading.peek() === stop) return;
    this.failUnexpected(reading, `The arguments of a filter follow a colon: ${filter}: …, …`);
  }

  #checkShape(tokens: readonly Token[], purpose: ValuePurpose): void {
    const fault = shapeFault(tokens);
    if (fault === undefined) return;
    if (fault.kind === "one-sided") this.fail(fault.operator.begin, oneSided(fault.operator));
    const { left, right } = fault;
    const [first, second] = [left.getText(), right.getText()];
    const hint = unjoinedHint(fault, this.#context.variables, purpose === "output");
    if (purpose === "condition") {
      this.fail(right.begin, unjoined(fault), hint ?? OPERATORS_HINT);
    }
    const more = purpose === "output" ? `Write {{ ${first} }} {{ ${second} }}.` : undefined;
    this.fail(right.begin, `Unexpected ${quote(second)} after ${quote(first)}`, hint ?? more);
  }

  /** Refuses an output of true or false, and a text that decides nothing. */
  #checkTruth(tokens: readonly Token[], purpose: ValuePurpose): void {
    const operator = tokens.find((token) => TypeGuards.isOperatorToken(token));
    if (operator === undefined) return;
    const written = textOf(tokens);
    if (purpose === "output") {
      this.fail(
        operator.begin,
        `'${written}' shows the word true or false, and no value`,
        outputHint(tokens),
      );
    }
    tokens.forEach((token, index) => {
      if (!TypeGuards.isQuotedToken(token) || token.content.trim() === "") return;
      const joins = [tokens[index - 1], tokens[index + 1]].filter((one) => one !== undefined)
        .map((one) => one.getText());
      if (joins.length === 0 || !joins.every((one) => one === "and" || one === "or")) return;
      this.fail(
        token.begin,
        `The text ${token.getText()} is true, so '${joins[0]}' compares nothing with it`,
        alternativeHint(tokens, token),
      );
    });
  }

  #operand(token: Token): void {
    const fault = operandFault(token);
    if (fault !== undefined) this.fail(fault.offset, fault.message, fault.hint);
  }
}

const GROUPS = "Use an {% if %} within another one, or {% assign %} a part to a name first.";

function textOf(tokens: readonly Token[]): string {
  return tokens[0]!.input.slice(tokens[0]!.begin, tokens.at(-1)!.end);
}

function outputHint(tokens: readonly Token[]): string {
  const [left, operator, right] = tokens;
  if (tokens.length === 3 && operator!.getText() === "or") {
    return `Write {{ ${left!.getText()} | default: ${right!.getText()} }}.`;
  }
  return `Write {% if ${textOf(tokens)} %}…{% else %}…{% endif %}.`;
}

/** `city == "Graz" or "Wien"`, or a default. */
function alternativeHint(tokens: readonly Token[], token: Token): string {
  const at = tokens.findIndex((one) => /^(?:[=!<>]=?|contains)$/.test(one.getText()));
  const [left, operator] = [tokens[at - 1], tokens[at]];
  if (left === undefined || operator === undefined) {
    return `For a default, write {{ name | default: ${token.getText()} }}.`;
  }
  return `Write ${left.getText()} ${operator.getText()} ${token.getText()} on that side, too.`;
}

function moreValuesHint(reading: Reading, value: string): string | undefined {
  const more = /^,\s*([\p{L}_][\p{L}\p{M}\p{N}_.-]*)\s*$/u.exec(reading.remaining())?.[1];
  return more === undefined ? undefined : `Write {{ ${value} }}, {{ ${more} }}.`;
}
