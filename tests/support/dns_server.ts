import { createSocket, type Socket } from "node:dgram";
import { Buffer } from "node:buffer";

/** Records of a name, by type. A text longer than 255 octets goes in several strings. */
export interface Records {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  readonly CNAME?: string;
  /** "10 mx.example.com"; "0 ." accepts no mail. */
  readonly MX?: readonly string[];
  readonly TXT?: readonly string[];
  /** Instead of an answer: an error code (2 SERVFAIL, 5 REFUSED), or none at all. */
  readonly fails?: number | "silent";
}

/** Lower-case names and their records; a missing name does not exist. */
export type Zone = Readonly<Record<string, Records>>;

const TYPES = { 1: "A", 5: "CNAME", 15: "MX", 16: "TXT", 28: "AAAA" } as const;
const NUMBERS = { A: 1, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 };
type Type = keyof typeof NUMBERS;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  /** Name, type and class as they came. */
  readonly bytes: Uint8Array;
}

/** The bytes that a malicious server sends instead of a reply. */
export type Tamper = (reply: Uint8Array, over: "udp" | "tcp") => Uint8Array;

/** A DNS server for `zone` on UDP and TCP, one port; answers over 512 octets have to be requested over TCP. */
export class DnsServer implements AsyncDisposable {
  readonly #zone: Zone;
  readonly #tamper: Tamper;
  readonly #udp: Socket;
  readonly #tcp: Deno.Listener;
  readonly #serving: Promise<void>;
  /** The queries, in order: "udp TXT example.com". */
  readonly asked: string[] = [];

  private constructor(zone: Zone, tamper: Tamper, udp: Socket, tcp: Deno.Listener) {
    this.#zone = zone;
    this.#tamper = tamper;
    this.#udp = udp;
    this.#tcp = tcp;
    udp.on("message", (bytes: Uint8Array, from: { port: number; address: string }) => {
      const reply = this.#reply(new Uint8Array(bytes), "udp");
      if (reply !== undefined) udp.send(reply, from.port, from.address);
    });
    this.#serving = this.#serveTcp();
  }

  static async start(zone: Zone, tamper: Tamper = (reply) => reply): Promise<DnsServer> {
    for (;;) {
      const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const udp = createSocket("udp4");
      const { port } = tcp.addr as Deno.NetAddr;
      const bound = await new Promise<boolean>((resolve) => {
        udp.once("error", () => resolve(false));
        udp.bind(port, "127.0.0.1", () => resolve(true));
      });
      if (bound) return new DnsServer(zone, tamper, udp, tcp);
      tcp.close();
    }
  }

  get port(): number {
    return (this.#tcp.addr as Deno.NetAddr).port;
  }

  /** For `--dns`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tcp.close();
    await new Promise<void>((resolve) => this.#udp.close(() => resolve()));
    await this.#serving;
  }

  async #serveTcp(): Promise<void> {
    try {
      for await (const conn of this.#tcp) await this.#answerOver(conn).catch(() => {});
    } catch {
      // Closed.
    }
  }

  async #answerOver(conn: Deno.Conn): Promise<void> {
    try {
      const buffer = new Uint8Array(2048);
      let length = 0;
      while (length < 2 || length < 2 + (buffer[0]! << 8 | buffer[1]!)) {
        const count = await conn.read(buffer.subarray(length));
        if (count === null) return;
        length += count;
      }
      const reply = this.#reply(buffer.slice(2, length), "tcp");
      if (reply === undefined) return;
      const framed = Uint8Array.from([reply.length >> 8, reply.length & 255, ...reply]);
      for (let at = 0; at < framed.length;) at += await conn.write(framed.subarray(at));
    } finally {
      conn.close();
    }
  }

  #reply(bytes: Uint8Array, over: "udp" | "tcp"): Uint8Array | undefined {
    const reply = this.#honest(bytes, over);
    return reply && this.#tamper(reply, over);
  }

  #honest(bytes: Uint8Array, over: "udp" | "tcp"): Uint8Array | undefined {
    const question = questionOf(bytes);
    const type = TYPES[question.type as keyof typeof TYPES];
    this.asked.push(`${over} ${type ?? question.type} ${question.name}`);
    const records = this.#zone[question.name];
    if (records?.fails === "silent") return undefined;
    if (records?.fails !== undefined) return message(question, records.fails, []);
    const answers = type === undefined ? [] : this.#answers(question.name, type);
    const code = records === undefined ? 3 : 0;
    const whole = message(question, code, answers);
    return over === "tcp" || whole.length <= 512 ? whole : message(question, code, [], true);
  }

  /** Aliases are followed, as a recursive server does. */
  #answers(name: string, type: Type): Uint8Array[] {
    const records = this.#zone[name];
    if (records === undefined) return [];
    if (records.CNAME !== undefined && type !== "CNAME") {
      const alias = record(name, "CNAME", encodeName(records.CNAME));
      return [alias, ...this.#answers(records.CNAME, type)];
    }
    return [records[type] ?? []].flat().map((text) => record(name, type, dataOf(type, text)));
  }
}

function questionOf(bytes: Uint8Array): Question {
  const labels: string[] = [];
  let at = 12;
  for (let length; (length = bytes[at]!) !== 0; at += length + 1) {
    labels.push(new TextDecoder().decode(bytes.subarray(at + 1, at + 1 + length)));
  }
  return {
    id: bytes[0]! << 8 | bytes[1]!,
    name: labels.join(".").toLowerCase(),
    type: bytes[at + 1]! << 8 | bytes[at + 2]!,
    bytes: bytes.slice(12, at + 5),
  };
}

function message(
  { id, bytes }: Question,
  code: number,
  answers: readonly Uint8Array[],
  truncated = false,
): Uint8Array {
  const flags = [0x81 | (truncated ? 2 : 0), 0x80 | code];
  const counts = [0, 1, 0, answers.length, 0, 0, 0, 0];
  return Buffer.concat([
    Uint8Array.from([id >> 8, id & 255, ...flags, ...counts]),
    bytes,
    ...answers,
  ]);
}

function record(name: string, type: Type, data: Uint8Array): Uint8Array {
  const head = [0, NUMBERS[type], 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255];
  return Uint8Array.from([...encodeName(name), ...head, ...data]);
}

function dataOf(type: Type, text: string): Uint8Array {
  switch (type) {
    case "A":
      return Uint8Array.from(text.split(".").map(Number));
    case "AAAA": {
      const [left = "", right = ""] = text.split("::");
      const groups = (part: string) =>
        part === "" ? [] : part.split(":").map((hex) => parseInt(hex, 16));
      const [head, tail] = [groups(left), groups(right)];
      const middle = Array.from({ length: 8 - head.length - tail.length }, () => 0);
      return Uint8Array.from(
        [...head, ...middle, ...tail].flatMap((word) => [word >> 8, word & 255]),
      );
    }
    case "MX": {
      const [preference = "", host = ""] = text.split(" ");
      return Uint8Array.from([0, Number(preference), ...encodeName(host)]);
    }
    case "CNAME":
      return encodeName(text);
    case "TXT": {
      const bytes = new TextEncoder().encode(text);
      const strings: number[] = [];
      for (let at = 0; at < bytes.length; at += 255) {
        const part = bytes.subarray(at, at + 255);
        strings.push(part.length, ...part);
      }
      return Uint8Array.from(strings);
    }
  }
}

function encodeName(name: string): Uint8Array {
  const labels = name.replace(/\.$/, "").split(".").filter((label) => label !== "");
  return Uint8Array.from([
    ...labels.flatMap((label) => [label.length, ...new TextEncoder().encode(label)]),
    0,
  ]);
}
