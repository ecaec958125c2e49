import { bitsOf, type Ip, parseAddress } from "../ip.ts";
import { recordFlaw } from "../record_flaw.ts";
import { isDomainSpec, isMacroString } from "./spf_macro.ts";

export type Qualifier = "+" | "-" | "~" | "?";

/** A mechanism of an SPF record (RFC 7208, 5). */
export type Mechanism =
  & {
    readonly qualifier: Qualifier;
    /** As written. */
    readonly term: string;
  }
  & (
    | { readonly name: "all" }
    | { readonly name: "include"; readonly domain: string }
    | { readonly name: "exists"; readonly domain: string }
    | { readonly name: "ptr"; readonly domain: string | undefined }
    | {
      readonly name: "a" | "mx";
      /** undefined: the domain of the record. */
      readonly domain: string | undefined;
      /** Bits that must be equal. */
      readonly prefix4: number;
      readonly prefix6: number;
    }
    | { readonly name: "ip"; readonly ip: Ip; readonly prefix: number }
  );

/** An SPF record, read. */
export interface SpfRecord {
  /** Those that can match: nothing after `all` does. */
  readonly mechanisms: readonly Mechanism[];
  /** undefined: none, or one that `all` overrides (RFC 7208, 6.1). */
  readonly redirect: string | undefined;
  /** Violations of the grammar; each makes the result `permerror`. */
  readonly faults: readonly string[];
  /** Terms without effect, and why: "include:b.test follows all". */
  readonly ignored: readonly string[];
}

const MODIFIER = /^([a-z][a-z0-9_.-]*)=(.*)$/i;
/** Qualifier, name, what follows. */
const TERM = /^([-+~?]?)([a-z][a-z0-9_.-]*)([:/].*)?$/i;
/** A domain after a colon, prefix lengths after slashes. */
const PARTS = /^(?::(.*?))?(?:\/(\d+))?(?:\/\/(\d+))?$/;
const MECHANISMS = ["all", "include", "exists", "ptr", "a", "mx", "ip4", "ip6"];

/** Returns whether a text of the DNS is an SPF record (RFC 7208, 4.5). */
export function isSpf(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

/** What is wrong with a text that was meant as an SPF record; undefined where it is one, or was not meant as one. */
export function spfFlaw(text: string): string | undefined {
  const meant = /^[^a-z0-9]*v\s*=\s*spf1/i.test(text) && !isSpf(text);
  return meant
    ? `'${text}' is not an SPF record: ${recordFlaw(text, "v=spf1", "a space")}`
    : undefined;
}

/** Reads a record for which `isSpf` holds. */
export function parseSpf(text: string): SpfRecord {
  const mechanisms: Mechanism[] = [];
  const faults: string[] = [];
  const ignored: string[] = [];
  const modifiers = new Map<string, string>();
  for (const term of text.split(" ").slice(1).filter((part) => part !== "")) {
    const modifier = MODIFIER.exec(term);
    if (modifier === null) {
      const found = mechanismOf(term);
      if (typeof found === "string") faults.push(found);
      else if (mechanisms.at(-1)?.name === "all") ignored.push(`${term} follows all`);
      else mechanisms.push(found);
      continue;
    }
    const [, given = "", value = ""] = modifier;
    const name = given.toLowerCase();
    const fault = modifierFault(term, name, value, modifiers);
    if (fault !== undefined) faults.push(fault);
    else if (MECHANISMS.includes(name)) {
      ignored.push(`${term} is an unknown modifier: write ${name}:${value}`);
    }
    modifiers.set(name, value);
  }
  const redirect = modifiers.get("redirect");
  if (mechanisms.at(-1)?.name !== "all") return { mechanisms, redirect, faults, ignored };
  if (redirect !== undefined) ignored.push(`redirect=${redirect} has no effect beside all`);
  return { mechanisms, redirect: undefined, faults, ignored };
}

/** RFC 7208, 6: `redirect` and `exp` appear at most once, each with a name; of others only the syntax matters. */
function modifierFault(
  term: string,
  name: string,
  value: string,
  earlier: ReadonlyMap<string, string>,
): string | undefined {
  if (name !== "redirect" && name !== "exp") {
    return isMacroString(value) ? undefined : `'${term}' contains an invalid macro`;
  }
  if (earlier.has(name)) return `${name}= appears more than once`;
  return isDomainSpec(value) ? undefined : `'${term}' names no domain`;
}

function mechanismOf(term: string): Mechanism | string {
  const [, sign = "", given = "", rest = ""] = TERM.exec(term) ?? [];
  const qualifier = (sign || "+") as Qualifier;
  const name = given.toLowerCase();
  switch (name) {
    case "all":
      return rest === "" ? { qualifier, term, name } : `'${term}' takes no value`;
    case "include":
    case "exists":
    case "ptr": {
      if (rest === "" && name === "ptr") return { qualifier, term, name, domain: undefined };
      const domain = rest.slice(1);
      return rest.startsWith(":") && isDomainSpec(domain)
        ? { qualifier, term, name, domain }
        : `'${term}' names no domain`;
    }
    case "a":
    case "mx": {
      const [, domain, slash4, slash6] = PARTS.exec(rest) ?? [rest, ""];
      if (domain !== undefined && !isDomainSpec(domain)) return `'${term}' names no domain`;
      const [prefix4, prefix6] = [prefixOf(slash4, 32), prefixOf(slash6, 128)];
      if (prefix4 === undefined || prefix6 === undefined) return wrongPrefix(term);
      return { qualifier, term, name, domain, prefix4, prefix6 };
    }
    case "ip4":
    case "ip6":
      return networkOf(term, rest, { qualifier, bits: name === "ip4" ? 32 : 128 });
    default:
      return `'${term}' is not a mechanism`;
  }
}

function networkOf(
  term: string,
  rest: string,
  { qualifier, bits }: { readonly qualifier: Qualifier; readonly bits: 32 | 128 },
): Mechanism | string {
  const [, address = "", slash, slash6] = PARTS.exec(rest) ?? [];
  const ip = parseAddress(address);
  if (ip === undefined || bitsOf(ip) !== bits || slash6 !== undefined) {
    return `'${term}' contains no IPv${bits === 32 ? 4 : 6} address`;
  }
  const prefix = prefixOf(slash, bits);
  return prefix === undefined ? wrongPrefix(term) : { qualifier, term, name: "ip", ip, prefix };
}

/** Returns undefined where it is too long or has a leading zero (RFC 7208, 5.6). */
function prefixOf(digits: string | undefined, bits: number): number | undefined {
  if (digits === undefined) return bits;
  return /^(?:0|[1-9]\d*)$/.test(digits) && Number(digits) <= bits ? Number(digits) : undefined;
}

function wrongPrefix(term: string): string {
  return `'${term}' has no valid prefix length`;
}
