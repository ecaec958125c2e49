/** TLS 1.2 with what every server supports (RFC 5246, 7.4.1.2). Any TLS server answers it with its own hello or an alert. */
const CIPHER_SUITES = [0xc02b, 0xc02f, 0xc02c, 0xc030, 0x002f];
const GROUPS = [0x001d, 0x0017];
const SIGNATURES = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501];

const HANDSHAKE = 22;
const ALERT = 21;

/** Returns the first record of a TLS connection. It names `host` if that is a name and not an address (RFC 6066, 3). */
export function clientHello(host: string): Uint8Array<ArrayBuffer> {
  const name = [...new TextEncoder().encode(host)];
  const isName = !/^[\d.]+$|[:[]/.test(host);
  const extensions = [
    ...(isName ? extension(0, sized(2, [0, ...sized(2, name)])) : []),
    ...extension(10, sized(2, GROUPS.flatMap(pair))),
    ...extension(11, [1, 0]),
    ...extension(13, sized(2, SIGNATURES.flatMap(pair))),
  ];
  const body = [
    ...[3, 3],
    ...crypto.getRandomValues(new Uint8Array(32)),
    ...sized(1, []),
    ...sized(2, CIPHER_SUITES.flatMap(pair)),
    ...sized(1, [0]),
    ...sized(2, extensions),
  ];
  return Uint8Array.from([HANDSHAKE, 3, 1, ...sized(2, [1, ...sized(3, body)])]);
}

/** Returns whether these first bytes of an answer are TLS: a handshake or alert record of any version (RFC 8446, 5.1). */
export function isTlsRecord(bytes: Uint8Array): boolean {
  return (bytes[0] === HANDSHAKE || bytes[0] === ALERT) && bytes[1] === 3;
}

function extension(type: number, data: readonly number[]): number[] {
  return [...pair(type), ...sized(2, data)];
}

/** Returns the bytes, preceded by their count in `width` bytes. */
function sized(width: number, bytes: readonly number[]): number[] {
  const count = Array.from(
    { length: width },
    (_, at) => (bytes.length >> (8 * (width - 1 - at))) & 255,
  );
  return [...count, ...bytes];
}

function pair(value: number): [number, number] {
  return [value >> 8, value & 255];
}
