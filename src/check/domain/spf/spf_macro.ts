import { dottedIp, type Ip } from "../ip.ts";

/** The values of macros. */
export interface MacroContext {
  /** undefined: not known. */
  readonly ip: Ip | undefined;
  /** The envelope sender; without a local part where none is known. */
  readonly sender: string;
  /** The domain whose record is being read. */
  readonly domain: string;
}

// RFC 7208, 7.1. The letters c, r and t may appear in explanations only; the number of parts must not be zero (7.3).
const transformers = String.raw`(?:0*[1-9]\d*)?r?[-.+,\/_=]*`;
const expandOf = (letters: string) => String.raw`%(?:\{[${letters}]${transformers}\}|[%_-])`;
const LITERAL = String.raw`[!-$&-~]`;
const TOP_LABEL = String.raw`(?!\d+\.?$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?`;
const MACRO_STRING = new RegExp(`^(?:${LITERAL}|${expandOf("slodiphcrtv")})*$`, "i");
const NAMES = expandOf("slodiphv");
const DOMAIN_SPEC = new RegExp(
  String.raw`^(?:${LITERAL}|${NAMES})*(?:\.${TOP_LABEL}\.?|${NAMES})$`,
  "i",
);

/** Returns whether it can be the value of an unknown modifier (RFC 7208, 6). */
export function isMacroString(text: string): boolean {
  return MACRO_STRING.test(text);
}

/** Returns whether it is a name that ends in a top-level label or a macro (RFC 7208, 7.1). */
export function isDomainSpec(text: string): boolean {
  return DOMAIN_SPEC.test(text);
}

const MACRO = /%(?:\{([a-z])(\d*)(r?)([-.+,\/_=]*)\}|([%_-]))/gi;
const ESCAPES: Readonly<Record<string, string>> = { "%": "%", "_": " ", "-": "%20" };
/** Octets of a name: labels are removed from the left until it fits (RFC 7208, 7.3). */
const LONGEST = 253;

/** Expands the macros of a domain-spec (RFC 7208, 7); undefined where the value of one is not known here. */
export function expand(spec: string, context: MacroContext): string | undefined {
  let known = true;
  const name = spec.replace(MACRO, (_, letter, digits, reversed, delimiters, escape) => {
    if (escape !== undefined) return ESCAPES[escape]!;
    const value = valueOf(letter.toLowerCase(), context);
    if (value === undefined) known = false;
    const text = transformed(value ?? "", digits, reversed !== "", delimiters || ".");
    return letter === letter.toUpperCase() ? urlEscaped(text) : text;
  }).toLowerCase();
  if (!known) return undefined;
  const ends = name.endsWith(".") ? name.slice(0, -1) : name;
  return ends.length <= LONGEST ? ends : cutLeft(ends);
}

/** The labels on the right that fit. */
function cutLeft(name: string): string {
  const dot = name.indexOf(".", name.length - LONGEST - 1);
  return name.slice(dot + 1);
}

function valueOf(letter: string, { ip, sender, domain }: MacroContext): string | undefined {
  const at = sender.lastIndexOf("@");
  const local = at <= 0 ? undefined : sender.slice(0, at);
  switch (letter) {
    case "s":
      return local && sender;
    case "l":
      return local;
    case "o":
      return sender.slice(at + 1);
    case "d":
      return domain;
    case "i":
      return ip && dottedIp(ip);
    case "v":
      return ip && (ip.kind() === "ipv4" ? "in-addr" : "ip6");
    default:
      return undefined;
  }
}

function transformed(value: string, digits: string, reverse: boolean, delimiters: string): string {
  let parts = [value];
  for (const delimiter of new Set(delimiters)) {
    parts = parts.flatMap((part) => part.split(delimiter));
  }
  if (reverse) parts.reverse();
  const count = digits === "" ? parts.length : Number(digits);
  return parts.slice(Math.max(0, parts.length - count)).join(".");
}

/** As an upper-case letter demands (RFC 7208, 7.3; RFC 3986, 2.3). */
function urlEscaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
}
