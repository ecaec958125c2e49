/**
 * Why receivers do not recognise a text of the DNS that was meant as a record, such as SPF's or DMARC's.
 *
 * @param version How a record begins: "v=spf1".
 * @param next What has to follow: "a space".
 */
export function recordFlaw(text: string, version: string, next: string): string {
  if (/^["'`\u2018-\u201f\u00ab\u00bb]/.test(text)) return "it is in quotes";
  if (/^[\s\p{C}]/u.test(text)) return "it begins with an invisible character";
  if (text.toLowerCase().startsWith(version.toLowerCase())) {
    if (!text.startsWith(version)) return `it must begin with ${version}, in exactly this case`;
    const found = text.slice(version.length, version.length + 1);
    return `${version} is followed by '${found}', not by ${next}`;
  }
  return `it must begin with ${version}`;
}
