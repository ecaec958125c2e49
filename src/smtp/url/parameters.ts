import { parseRate } from "../../model/rate.ts";
import type { Relay } from "../../model/relay.ts";
import { didYouMean, quoteInError, urlError } from "./url_error.ts";
import type { UrlParts } from "./url_parts.ts";

/** The parameters after the question mark in a relay's URL. */
const PARAMETERS = [
  "tls",
  "ca",
  "cert",
  "key",
  "auth",
  "name",
  "weight",
  "rate",
  "connections",
  "chunking",
  "pipelining",
] as const;

type Parameter = typeof PARAMETERS[number];

/** The parameters of a URL: each is known and has a value. */
export type Parameters = ReadonlyMap<Parameter, string>;

const SANDBOX_PARAMETERS: readonly Parameter[] = ["name", "weight", "rate", "connections"];

/** @throws InputError if a parameter is unknown, has no value, or is given twice. */
export function readParameters({ scheme, query }: UrlParts): Parameters {
  const known: readonly string[] = scheme === "sandbox" ? SANDBOX_PARAMETERS : PARAMETERS;
  const parameters = new Map<Parameter, string>();
  for (const [name, value] of query) {
    if (!known.includes(name)) {
      throw urlError(
        `unknown parameter ${quoteInError(name)}`,
        didYouMean(name, known) ?? `Known parameters: ${known.join(", ")}.`,
      );
    }
    if (parameters.has(name as Parameter)) throw urlError(`parameter ${name} is given twice`);
    if (value === "") throw urlError(`parameter ${name} has no value`);
    parameters.set(name as Parameter, value);
  }
  return parameters;
}

/** Reads the relay's share of the connections, and its own limits. */
export function readShares(
  parameters: Parameters,
): Pick<Relay, "weight" | "connections" | "rate"> {
  const rate = parameters.get("rate");
  return {
    weight: readWholeNumber("weight", parameters) ?? 1,
    connections: readWholeNumber("connections", parameters),
    rate: rate === undefined ? undefined : parseRate(rate, "rate of the SMTP URL"),
  };
}

/** Returns whether the extension may be used if the server offers it. */
export function readSwitch(name: "chunking" | "pipelining", parameters: Parameters): boolean {
  const text = parameters.get(name) ?? "on";
  if (text === "on" || text === "off") return text === "on";
  throw urlError(`${name} must be on or off: found ${quoteInError(text)}`);
}

function readWholeNumber(name: Parameter, parameters: Parameters): number | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw urlError(`${name} must be a whole number from 1: found ${quoteInError(text)}`);
}
