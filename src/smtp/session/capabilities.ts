/** What the server says it can do, in its reply to EHLO (RFC 5321, 4.1.1.1). */
export interface Capabilities {
  /** It accepted EHLO; false: HELO only, without extensions. */
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
  /** SIZE (RFC 1870): MAIL may say how large the mail is. */
  readonly sizeOffered: boolean;
  /** Largest mail in bytes; undefined: unknown (`SIZE`, `SIZE 0` or none). */
  readonly maxSize: number | undefined;
  /** Names of SASL mechanisms in upper case (RFC 4954). */
  readonly auth: ReadonlySet<string>;
  /** LIMITS MAILMAX and RCPTMAX (RFC 9422): most mails in one session, most recipients of one mail. */
  readonly mailMax: number | undefined;
  readonly rcptMax: number | undefined;
}

/** What a server can do that only knows HELO. */
export const NO_CAPABILITIES: Capabilities = capabilitiesOf([], false);

/**
 * Reads the lines of a reply to EHLO; the first is the server's name.
 *
 * Keywords are case-insensitive; what is unknown or malformed counts as not offered.
 */
export function capabilitiesOf(lines: readonly string[], esmtp = true): Capabilities {
  const parameters = new Map<string, string[]>();
  for (const line of lines.slice(1)) {
    // Before RFC 2554 servers wrote "AUTH=LOGIN PLAIN"; some still send it along with the new form.
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
    maxSize: positiveNumber(parameters.get("SIZE")?.[0]),
    auth: new Set(parameters.get("AUTH")),
    mailMax: limitOf(limits, "MAILMAX"),
    rcptMax: limitOf(limits, "RCPTMAX"),
  };
}

function limitOf(limits: readonly string[], name: string): number | undefined {
  const value = limits.find((entry) => entry.startsWith(`${name}=`));
  return positiveNumber(value?.slice(name.length + 1));
}

/** Returns a number from 1: `SIZE 0` means no limit (RFC 1870, 4), and with a limit of no mails there would be no session. */
function positiveNumber(digits: string | undefined): number | undefined {
  if (digits === undefined || !/^\d{1,20}$/.test(digits)) return undefined;
  const value = Number(digits);
  return value > 0 ? value : undefined;
}
