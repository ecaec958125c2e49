import { dottedIp, type Ip } from "./ip.ts";

/** What macros stand for. */
export interface MacroContext {
  readonly ip: Ip;
  /** The envelope sender. */
  readonly sender: string;
  /** The domain whose record is being read. */
  readonly domain: string;
}

const MACRO = /%(?:\{([a-z])(\d{0,3})(r?)([-.+,\/_=]*)\}|([%_-]))/gi;
const ESCAPES: Readonly<Record<string, string>> = { "%": "%", "_": " ", "-": "%20" };
/** Octets of a name: labels on the left are cut off until it fits (RFC 7208, 7.3). */
const LONGEST = 253;

/**
 * The domain that a domain-spec stands for (RFC 7208, 7); undefined where a macro stands for what only the receiver knows,
 * or is none.
 */
export function expand(spec: string, context: MacroContext): string | undefined {
  if (!spec.includes("%")) return spec.toLowerCase();
  let known = true;
  let name = spec.replace(MACRO, (_, letter, digits, reversed, delimiters, escape) => {
    if (escape !== undefined) return ESCAPES[escape]!;
    const value = valueOf(letter.toLowerCase(), context);
    if (value === undefined) known = false;
    return transformed(value ?? "", digits, reversed !== "", delimiters || ".");
  }).toLowerCase();
  if (!known || name.includes("%{")) return undefined;
  while (name.length > LONGEST && name.includes(".")) name = name.slice(name.indexOf(".") + 1);
  return name;
}

function valueOf(letter: string, { ip, sender, domain }: MacroContext): string | undefined {
  const at = sender.lastIndexOf("@");
  switch (letter) {
    case "s":
      return sender;
    case "l":
      return sender.slice(0, at);
    case "o":
      return sender.slice(at + 1);
    case "d":
      return domain;
    case "i":
      return dottedIp(ip);
    case "v":
      return ip.bits === 32 ? "in-addr" : "ip6";
    default:
      return undefined;
  }
}

function transformed(value: string, digits: string, reverse: boolean, delimiters: string): string {
  let parts = [value];
  for (const delimiter of delimiters) parts = parts.flatMap((part) => part.split(delimiter));
  if (reverse) parts.reverse();
  const count = digits === "" ? parts.length : Number(digits);
  return parts.slice(Math.max(0, parts.length - count)).join(".");
}
