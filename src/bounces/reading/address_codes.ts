/**
 * Enhanced status codes that say, by their definitions, that the mailbox or its domain accepts no mail: the address is at fault.
 * All others are about the mail, its sender, the system, the route or the time: they are soft.
 */
const OF_THE_ADDRESS: ReadonlyMap<string, string> = new Map([
  ["5.1.1", "bad destination mailbox address (RFC 3463, 3.2)"],
  ["5.1.2", "bad destination system address: no such domain (RFC 3463, 3.2)"],
  ["5.1.3", "bad destination mailbox address syntax (RFC 3463, 3.2)"],
  ["5.1.6", "destination mailbox has moved, no forwarding address (RFC 3463, 3.2)"],
  ["5.1.10", "recipient address has null MX (RFC 7505, 4.2); Exchange: recipient not found"],
  ["5.1.351", "remote server returned unknown recipient (Exchange Online)"],
  ["5.2.1", "mailbox disabled, not accepting messages (RFC 3463, 3.3)"],
  ["5.4.4", "unable to route: no such host or domain (RFC 3463, 3.5)"],
  ["5.4.310", "DNS domain does not exist (Exchange Online)"],
  ["5.7.17", "mailbox owner has changed (RFC 7293, 14)"],
  ["5.7.18", "domain owner has changed (RFC 7293, 14)"],
]);

/** "Exceeded storage allocation" (RFC 5321, 4.2.3): a reply code that is about room, whatever enhanced code comes with it. */
export const NO_ROOM = 552;

/** Returns whether an enhanced status code says that the address is at fault. */
export function isAddressCode(enhanced: string): boolean {
  return OF_THE_ADDRESS.has(enhanced);
}

/**
 * Returns whether the code says what the failure is about. Servers use "other or undefined" (RFC 3463, 3), "delivery not
 * authorized" (5.7.1) and protocol errors (5.5.x) when they have no better code: then the words decide.
 */
export function isTelling(code: string): boolean {
  return !code.endsWith(".0") && code !== "5.7.1" && !code.startsWith("5.5.");
}
