import { type Template as Node, type Token, TypeGuards } from "liquidjs";
import { InputError } from "../../../model/input_error.ts";
import { DATE_FILTER_NAMES } from "../dates/date_filters.ts";
import { dateReader } from "../dates/date_format.ts";
import { nearestZone, zoneOf } from "../dates/time_zone.ts";
import { tokenPlace } from "../liquid.ts";
import type { TemplateSource } from "../template.ts";
import { argumentsOf, expressionOf, namedArgument } from "./operands.ts";

/** @throws {InputError} for an invalid format or time zone that the template gives to a date filter. */
export function checkDateArguments(node: Node, source: TemplateSource): void {
  for (const filter of argumentsOf(node).flatMap((one) => expressionOf(one)?.filters ?? [])) {
    if (!DATE_FILTER_NAMES.includes(filter.name)) continue;
    const written = quotedToken(namedArgument(filter, "date_format"));
    if (written !== undefined) {
      checkAt(written, source, () => void dateReader(written.content, "date_format"));
    }
    const zone = quotedToken(filter.args.filter((arg) => !Array.isArray(arg))[1]);
    if (filter.name === "date" && zone !== undefined && zoneOf(zone.content) === undefined) {
      const meant = nearestZone(zone.content);
      throw new InputError(`Unknown time zone: '${zone.content}'`, {
        place: tokenPlace(zone, source),
        hint: meant === undefined ? undefined : `Did you mean '${meant}'?`,
      });
    }
  }
}

function quotedToken(token: unknown): Token & { readonly content: string } | undefined {
  return TypeGuards.isQuotedToken(token) ? token : undefined;
}

function checkAt(token: Token, source: TemplateSource, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.message, { place: tokenPlace(token, source), cause: error });
  }
}
