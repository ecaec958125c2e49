/** "3 gone, 2 good@x.test": so many of each kind, in this order, all of different names, over so many domains or of this one. */
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
