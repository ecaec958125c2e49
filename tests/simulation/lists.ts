/**
 * "3 gone, 2 good@x.test": this many of each kind, in this order, each with a local part of its own, at the domain given or
 * spread over `domains`.
 */
export function listOf(kinds: string, domains = 7): string[] {
  const addresses: string[] = [];
  for (const part of kinds.split(", ")) {
    const [, count, kind, domain] = /^(\d+) (\w+)(?:@(.*))?$/.exec(part)!;
    for (let left = Number(count); left > 0; left--) {
      const number = addresses.length + 1;
      addresses.push(`${kind}.${number}@${domain ?? `d${number % domains}.test`}`);
    }
  }
  return addresses;
}
