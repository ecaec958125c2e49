import { type Ip, parseIp } from "./ip.ts";

export type Qualifier = "+" | "-" | "~" | "?";

/** A mechanism of an SPF record (RFC 7208, 5). */
export type Mechanism =
  & { readonly qualifier: Qualifier }
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
  readonly mechanisms: readonly Mechanism[];
  readonly redirect: string | undefined;
  /** What breaks the grammar; a record with one of these is a `permerror` to a receiver. */
  readonly faults: readonly string[];
}

const MODIFIER = /^[a-z][a-z0-9_.-]*=/i;
/** Qualifier, name, domain after a colon, prefix lengths after slashes. */
const TERM = /^([-+~?]?)([a-z0-9_.-]+)(?::([^/]*))?(\/\d{1,3})?(\/\/\d{1,3})?$/i;

/** Whether a text of the DNS is an SPF record (RFC 7208, 4.5). */
export function isSpf(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

/** Reads a record for which `isSpf` holds. */
export function parseSpf(text: string): SpfRecord {
  const mechanisms: Mechanism[] = [];
  const faults: string[] = [];
  const redirects: string[] = [];
  for (const term of text.split(" ").slice(1).filter((part) => part !== "")) {
    if (MODIFIER.test(term)) {
      const [name = "", value = ""] = splitAt(term, "=");
      if (name.toLowerCase() !== "redirect") continue;
      if (!isDomainSpec(value)) faults.push(`'${term}' names no domain`);
      else redirects.push(value);
      continue;
    }
    const found = mechanismOf(term);
    if (typeof found === "string") faults.push(found);
    else mechanisms.push(found);
  }
  if (redirects.length > 1) faults.push("redirect= stands there more than once");
  return { mechanisms, redirect: redirects[0], faults };
}

function mechanismOf(term: string): Mechanism | string {
  const found = TERM.exec(term);
  if (found === null) return `'${term}' is no mechanism`;
  const [, sign = "", given = "", value, slash4, slash6] = found;
  const qualifier = (sign || "+") as Qualifier;
  const name = given.toLowerCase();
  const domain = value === undefined || isDomainSpec(value) ? value : null;
  const wrongDomain = `'${term}' names no domain`;
  const bare = slash4 === undefined && slash6 === undefined;
  switch (name) {
    case "all":
      return value === undefined && bare ? { qualifier, name } : `'${term}' takes no value`;
    case "include":
    case "exists":
      return domain && bare ? { qualifier, name, domain } : wrongDomain;
    case "ptr":
      return domain !== null && bare ? { qualifier, name, domain } : wrongDomain;
    case "a":
    case "mx": {
      const [prefix4, prefix6] = [numberOf(slash4, 32), numberOf(slash6, 128)];
      if (domain === null) return wrongDomain;
      if (prefix4 > 32 || prefix6 > 128) return `'${term}' has a prefix that is too long`;
      return { qualifier, name, domain, prefix4, prefix6 };
    }
    case "ip4":
    case "ip6": {
      const bits = name === "ip4" ? 32 : 128;
      const ip = parseIp(value ?? "");
      const prefix = numberOf(slash4, ip?.bits ?? bits);
      const fits = ip !== undefined && slash6 === undefined && prefix <= ip.bits &&
        value!.includes(":") === (bits === 128);
      return fits
        ? { qualifier, name: "ip", ip, prefix }
        : `'${term}' holds no IPv${name[2]} address`;
    }
    default:
      return `'${term}' is no mechanism`;
  }
}

/** A name of two labels at least, which macros may stand in (RFC 7208, 7.1). */
function isDomainSpec(text: string): boolean {
  const name = text.replace(/\.$/, "");
  return /^[!-~]+$/.test(name) && /[a-z0-9}_-]$/i.test(name) && name.lastIndexOf(".") > 0;
}

function numberOf(slashed: string | undefined, otherwise: number): number {
  return slashed === undefined ? otherwise : Number(slashed.replaceAll("/", ""));
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}
