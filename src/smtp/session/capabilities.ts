/** What the server says it can do (RFC 5321, 4.1.1.1), read from its reply to EHLO. */
export interface Capabilities {
  /** It answered EHLO; false: HELO only, no extensions. */
  readonly esmtp: boolean;
  /** RFC 2920 */
  readonly pipelining: boolean;
  /** RFC 6152 */
  readonly eightBitMime: boolean;
  /** RFC 6531 */
  readonly smtpUtf8: boolean;
  /** RFC 3030 */
  readonly chunking: boolean;
  /** RFC 3207 */
  readonly startTls: boolean;
  /** RFC 2034 */
  readonly enhancedStatusCodes: boolean;
  /** SIZE is offered (RFC 1870): MAIL may say how large the mail is. */
  readonly sizeOffered: boolean;
  /** Largest mail in bytes; undefined: no limit is known (`SIZE`, `SIZE 0` or none). */
  readonly maxSize: number | undefined;
  /** Names of SASL mechanisms in upper case (RFC 4954). */
  readonly auth: ReadonlySet<string>;
  /** LIMITS MAILMAX and RCPTMAX (RFC 9422): mails in one session, recipients of one mail. */
  readonly mailMax: number | undefined;
  readonly rcptMax: number | undefined;
}

/** What a server can do that knows HELO only. */
export const NO_CAPABILITIES: Capabilities = capabilitiesOf([], false);

/**
 * Reads the lines of a reply to EHLO; the first is the server's name.
 *
 * Keywords are compared without case; what is unknown or malformed counts as not offered.
 */
export function capabilitiesOf(lines: readonly string[], esmtp = true): Capabilities {
  const parameters = new Map<string, string[]>();
  for (const line of lines.slice(1)) {
    // "AUTH=LOGIN PLAIN" is how servers wrote it before RFC 2554; some still send it beside the new form.
    const [keyword, ...rest] = line.trim().toUpperCase().replace(/^AUTH=/, "AUTH ").split(/ +/);
    if (keyword === undefined || keyword === "") continue;
    parameters.set(keyword, [...parameters.get(keyword) ?? [], ...rest]);
  }
  const limits = parameters.get("LIMITS") ?? [];
  return {
    esmtp,
    pipelining: parameters.has("PIPELINING"),
    eightBitMime: parameters.has("8BITMIME"),
    smtpUtf8: parameters.has("SMTPUTF8"),
    chunking: parameters.has("CHUNKING"),
    startTls: parameters.has("STARTTLS"),
    enhancedStatusCodes: parameters.has("ENHANCEDSTATUSCODES"),
    sizeOffered: parameters.has("SIZE"),
    maxSize: count(parameters.get("SIZE")?.[0]),
    auth: new Set(parameters.get("AUTH")),
    mailMax: limit(limits, "MAILMAX"),
    rcptMax: limit(limits, "RCPTMAX"),
  };
}

function limit(limits: readonly string[], name: string): number | undefined {
  const value = limits.find((entry) => entry.startsWith(`${name}=`));
  return count(value?.slice(name.length + 1));
}

/** A number over 0: `SIZE 0` means no limit (RFC 1870, 4), and a limit of no mail at all would be no session. */
function count(digits: string | undefined): number | undefined {
  if (digits === undefined || !/^\d{1,20}$/.test(digits)) return undefined;
  const value = Number(digits);
  return value > 0 ? value : undefined;
}
