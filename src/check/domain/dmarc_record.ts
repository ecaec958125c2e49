export type Policy = "none" | "quarantine" | "reject";
export type Alignment = "strict" | "relaxed";

/** A DMARC record (RFC 9989, 4.7). */
export interface DmarcRecord {
  /** The domain it stands for: that of `_dmarc.<domain>`. */
  readonly domain: string;
  /** undefined: missing, or none that is known. */
  readonly policy: Policy | undefined;
  /** For domains below this one; undefined: the same. */
  readonly subdomains: Policy | undefined;
  /** What counts as the same domain: the very same, or one of the same organization. */
  readonly dkimAlignment: Alignment;
  readonly spfAlignment: Alignment;
  /** Whether this domain is a public suffix, or says that it is none. */
  readonly publicSuffix: boolean | undefined;
  /** Tags that receivers pass over: "rua= has no value". The policy's is not among them. */
  readonly faults: readonly string[];
}

/** It has to come first, and is the one tag whose value is compared with case (RFC 9989, 4.7). */
const VERSION = /^v\s*=\s*DMARC1\s*(?:;|$)/i;

/** Values of tags that are words. */
const WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["sp", ["none", "quarantine", "reject"]],
  ["np", ["none", "quarantine", "reject"]],
  ["adkim", ["r", "s"]],
  ["aspf", ["r", "s"]],
  ["psd", ["y", "n", "u"]],
  ["t", ["y", "n"]],
]);

/** Whether a text of the DNS is a DMARC record, whatever follows its version. */
export function isDmarc(text: string): boolean {
  return VERSION.test(text) && text.includes("DMARC1");
}

/** Reads a record for which `isDmarc` holds; a tag that is broken is as if it were not there (RFC 9989, 4.7). */
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
  if (name === "") return `'${part}' is no tag with a value`;
  if (value === "") return `${name}= has no value`;
  if (earlier.has(name)) return `${name}= stands there more than once`;
  const words = WORDS.get(name);
  if (words !== undefined && !words.includes(value.toLowerCase())) {
    return `${name}=${value} is none of ${words.join(", ")}`;
  }
  if (name !== "rua" && name !== "ruf") return undefined;
  const wrong = value.split(",").map((uri) => uri.trim()).find((uri) => !/^[a-z]+:./i.test(uri));
  return wrong === undefined
    ? undefined
    : `${name}=${value} is no list of addresses with mailto: before each: '${wrong}'`;
}

function policyOf(text: string | undefined): Policy | undefined {
  const policy = text?.toLowerCase();
  return policy === "none" || policy === "quarantine" || policy === "reject" ? policy : undefined;
}

function alignmentOf(text: string | undefined): Alignment {
  return text?.toLowerCase() === "s" ? "strict" : "relaxed";
}
