/**
 * Why receivers do not see a record of the DNS, such as SPF's or DMARC's, in a text that was meant as one.
 *
 * @param version How a record begins: "v=spf1".
 * @param next What has to follow: "a space".
 */
export function recordFlaw(text: string, version: string, next: string): string {
  if (/^["'`\u2018-\u201f\u00ab\u00bb]/.test(text)) return "it stands in quotes";
  if (/^[\s\p{C}]/u.test(text)) return "something invisible stands before it";
  if (text.toLowerCase().startsWith(version.toLowerCase())) {
    if (!text.startsWith(version)) return `it has to begin with ${version}, in these very letters`;
    const found = text.slice(version.length, version.length + 1);
    return `behind ${version} stands '${found}' where ${next} belongs`;
  }
  return `it has to begin with ${version}`;
}
