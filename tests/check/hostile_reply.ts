const HEADER = 12;
/** Octets of the longest message (RFC 1035, 4.2.2). */
const LONGEST = 65_535;
const LABELS = 16_200;
/** As many as the pointers that are followed in one name. */
const SEGMENTS = 125;

/**
 * A reply to the question of `reply` with some 3,500 records whose names are 16,000 octets each: segments of labels, each
 * ending in a pointer to the one before.
 */
export function longNames(reply: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LONGEST);
  let at = afterQuestion(reply);
  bytes.set(reply.subarray(0, at));
  bytes.set([0, 0, 99, 0, 1, 0, 0, 0, 0, LABELS >> 8, LABELS & 255], at);
  at += 11;
  const names = at + LABELS;
  let before = at++;
  for (let segment = 0; segment < SEGMENTS; segment++) {
    const start = at;
    for (const end = start + 124; at < end; at += 2) bytes.set([1, 97], at);
    bytes.set(pointer(before), at);
    at += 2;
    before = start;
  }
  let records = 1;
  for (at = names; at + 14 <= LONGEST; at += 14) {
    bytes.set([...pointer(before), 0, 5, 0, 1, 0, 0, 0, 0, 0, 2, ...pointer(before)], at);
    records++;
  }
  bytes.set([0x81, 0x80, 0, 1, records >> 8, records & 255, 0, 0, 0, 0], 2);
  return bytes.subarray(0, at);
}

function pointer(offset: number): [number, number] {
  return [0xc0 | offset >> 8, offset & 255];
}

function afterQuestion(reply: Uint8Array): number {
  let at = HEADER;
  while (reply[at] !== 0) at += 1 + reply[at]!;
  return at + 5;
}
