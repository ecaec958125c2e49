/** The options of a sink. */
export interface SinkOptions {
  readonly port: number;
  readonly chunking?: boolean;
  /** Called with the size of each mail when its last byte arrives. */
  readonly onMail?: (bytes: number) => void;
}

/** A server that accepts every mail and keeps none. It offers PIPELINING and 8BITMIME, and CHUNKING on request. */
export class Sink implements Disposable {
  readonly #listener: Deno.Listener;
  readonly #connections = new Set<Deno.Conn>();
  readonly #options: SinkOptions;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: options.port });
    void this.#serve();
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
  }

  async #serve(): Promise<void> {
    try {
      for await (const connection of this.#listener) void this.#talk(connection);
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #talk(connection: Deno.Conn): Promise<void> {
    this.#connections.add(connection);
    try {
      const dialogue = new Dialogue(this.#options);
      await write(connection, "220 sink.example ESMTP\r\n");
      const buffer = new Uint8Array(64 * 1024);
      for (let count; (count = await connection.read(buffer)) !== null;) {
        await write(connection, dialogue.hear(buffer.subarray(0, count)));
        if (dialogue.ended) break;
      }
    } catch {
      // The other side has gone, or this one is being closed; either way the dialogue is over.
    }
    if (this.#connections.delete(connection)) closeQuietly(connection);
  }
}

/** The dialogue of one connection: turns received bytes into replies. */
class Dialogue {
  ended = false;
  readonly #options: SinkOptions;
  /** The beginning of an incomplete line, or of the last line of a body, as Latin-1. */
  #rest = "";
  #inBody = false;
  #bodyBytes = 0;
  #chunkLeft = 0;
  #chunkReply = "";
  /** Whether MAIL was received: a chunk before it is a probe, not a mail. */
  #begun = false;

  constructor(options: SinkOptions) {
    this.#options = options;
  }

  hear(bytes: Uint8Array): string {
    let text = this.#rest + latin1.decode(bytes);
    this.#rest = "";
    let replies = "";
    while (text !== "") {
      if (this.#chunkLeft > 0) {
        const taken = Math.min(text.length, this.#chunkLeft);
        text = text.slice(taken);
        this.#chunkLeft -= taken;
        if (this.#chunkLeft === 0) replies += this.#chunkReply;
        continue;
      }
      const end = text.indexOf(this.#inBody ? "\r\n.\r\n" : "\r\n");
      if (end < 0) {
        this.#rest = text;
        break;
      }
      if (this.#inBody) {
        this.#options.onMail?.(end + 2);
        this.#inBody = false;
        replies += "250 2.0.0 Ok\r\n";
        text = text.slice(end + 5);
      } else {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        replies += this.#command(line);
      }
    }
    return replies;
  }

  #command(line: string): string {
    const [verb = "", size = "0", last] = line.toUpperCase().split(" ");
    switch (verb) {
      case "EHLO":
        return `250-sink.example\r\n250-PIPELINING\r\n${
          this.#options.chunking ? "250-CHUNKING\r\n" : ""
        }250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n`;
      case "DATA":
        this.#inBody = true;
        return "354 End data with <CR><LF>.<CR><LF>\r\n";
      case "BDAT":
        return this.#chunk(Number(size), last === "LAST");
      case "QUIT":
        this.ended = true;
        return "221 2.0.0 Bye\r\n";
      default:
        this.#begun ||= verb === "MAIL";
        return "250 2.1.0 Ok\r\n";
    }
  }

  #chunk(size: number, last: boolean): string {
    this.#chunkReply = this.#begun ? "250 2.0.0 Ok\r\n" : "503 5.5.1 MAIL first\r\n";
    if (this.#begun) this.#bodyBytes += size;
    if (last && this.#begun) {
      this.#options.onMail?.(this.#bodyBytes);
      this.#bodyBytes = 0;
    }
    this.#chunkLeft = size;
    return size === 0 ? this.#chunkReply : "";
  }
}

const latin1 = new TextDecoder("latin1");
const encoder = new TextEncoder();

async function write(connection: Deno.Conn, text: string): Promise<void> {
  for (let rest = encoder.encode(text); rest.length > 0;) {
    rest = rest.subarray(await connection.write(rest));
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed along with the sink.
  }
}

if (import.meta.main) {
  const [port, chunking] = Deno.args;
  new Sink({ port: Number(port), chunking: chunking === "chunking" });
}
