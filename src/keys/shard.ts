const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

const octets = new TextEncoder();

/**
 * Returns the shard of a recipient, from 0 to `count - 1`. It is the same on every machine and in every version, so
 * that `--shard 1/3` (0 here), `2/3` and `3/3` share a list without communicating.
 *
 * FNV-1a, 32 bits, over the key's UTF-8 bytes, then MurmurHash3's finalizer (FNV mixes the low bits poorly), then the
 * remainder by `count`.
 *
 * @param key The part of `Recipient.key` that is about the mailbox
 * @param count Number of shards; a whole number from 1.
 */
export function shardOf(key: string, count: number): number {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`Number of shards must be a whole number from 1: found ${count}`);
  }
  let hash = OFFSET_BASIS;
  for (const byte of octets.encode(key)) hash = Math.imul(hash ^ byte, PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % count;
}
