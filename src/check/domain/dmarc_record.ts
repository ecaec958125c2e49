export type Policy = "none" | "quarantine" | "reject";
export type Alignment = "strict" | "relaxed";

/** A DMARC record (RFC 9989, 4.7). */
export interface DmarcRecord {
  /** That of `_dmarc.<domain>`. */
  readonly domain: string;
  /** undefined: missing or unknown. */
  readonly policy: Policy | undefined;
  /** For domains below this one; undefined: the same. */
  readonly subdomains: Policy | undefined;
  /** What counts as the same domain: only itself, or any of the same organization. */
  readonly dkimAlignment: Alignment;
  readonly spfAlignment: Alignment;
  /** Whether this domain says that it is a public suffix, or that it is not. */
  readonly publicSuffix: boolean | undefined;
  /** Tags that receivers ignore: "rua= has no value". A missing policy is not among them. */
  readonly faults: readonly string[];
}

/** It must come first, and is the only tag whose value is case-sensitive (RFC 9989, 4.7). */
const VERSION = /^v\s*=\s*DMARC1\s*(?:;|$)/i;

/** Tags whose values are keywords. */
const WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["sp", ["none", "quarantine", "reject"]],
  ["np", ["none", "quarantine", "reject"]],
  ["adkim", ["r", "s"]],
  ["aspf", ["r", "s"]],
  ["psd", ["y", "n", "u"]],
  ["t", ["y", "n"]],
]);

/** Returns whether a text of the DNS is a DMARC record, whatever follows its version. */
export function isDmarc(text: string): boolean {
  return VERSION.test(text) && text.includes("DMARC1");
}

/** Reads a record for which `isDmarc` holds; an invalid tag is ignored (RFC 9989, 4.7). */
export function parseDmarc(domain: string, text: string): DmarcRecord {
  const tags = new Map<string, string>();
  const faults: string[] = [];
  for (const part of text.split(";").map((part) => part.trim()).filter((part) => part !== "")) {
    const [, given = "", text = ""] = /^([a-z]+)\s*=\s*(.*)$/is.exec(part) ?? [];
    const name = given.toLowerCase();
    const fault = tagFault(part, name, text, tags);
    if (fault === undefined) tags.set(name, text);
    else if (name !== "p" || tags.has("p")) faults.push(fault);
  }
  const psd = tags.get("psd")?.toLowerCase();
  return {
    domain,
    policy: policyOf(tags.get("p")),
    subdomains: policyOf(tags.get("sp")),
    dkimAlignment: alignmentOf(tags.get("adkim")),
    spfAlignment: alignmentOf(tags.get("aspf")),
    publicSuffix: psd === "y" ? true : psd === "n" ? false : undefined,
    faults,
  };
}

function tagFault(
  part: string,
  name: string,
  value: string,
  earlier: ReadonlyMap<string, string>,
): string | undefined {
  if (name === "") return `'${part}' is not a tag with a value`;
  if (value === "") return `${name}= has no value`;
  if (earlier.has(name)) return `${name}= appears more than once`;
  const words = WORDS.get(name);
  if (words !== undefined && !words.includes(value.toLowerCase())) {
    return `${name}=${value} is not one of ${words.join(", ")}`;
  }
  if (name !== "rua" && name !== "ruf") return undefined;
  const wrong = value.split(",").map((uri) => uri.trim()).find((uri) => !/^[a-z]+:./i.test(uri));
  return wrong === undefined
    ? undefined
    : `${name}=${value} is not a list of mailto: addresses: '${wrong}'`;
}

function policyOf(text: string | undefined): Policy | undefined {
  const policy = text?.toLowerCase();
  return policy === "none" || policy === "quarantine" || policy === "reject" ? policy : undefined;
}

function alignmentOf(text: string | undefined): Alignment {
  return text?.toLowerCase() === "s" ? "strict" : "relaxed";
}
