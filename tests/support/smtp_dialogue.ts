/** A client that sends what a test gives it, and reads one reply at a time. */
export class Dialogue implements Disposable {
  readonly #connection: Deno.TcpConn;
  #unread = "";

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects and reads the greeting. */
  static async open(server: { hostname: string; port: number }): Promise<Dialogue> {
    const { hostname, port } = server;
    const dialogue = new Dialogue(await Deno.connect({ hostname, port }));
    await dialogue.reply();
    return dialogue;
  }

  /** Sends text as UTF-8, or octets. */
  async send(data: string | Uint8Array): Promise<void> {
    let rest = typeof data === "string" ? new TextEncoder().encode(data) : data;
    while (rest.length > 0) rest = rest.subarray(await this.#connection.write(rest));
  }

  /** Sends a command and returns the reply. */
  async say(command: string): Promise<string> {
    await this.send(`${command}\r\n`);
    return await this.reply();
  }

  /** The next reply, its lines joined by LF; "" at the end of the stream. */
  async reply(): Promise<string> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.#line();
      if (line === undefined) return "";
      lines.push(line);
      if (line[3] !== "-") return lines.join("\n");
    }
  }

  /** EHLO, one mail, and the reply to its final dot. `content` is dot-stuffed already and ends with CRLF. */
  async mail(recipients: readonly string[], content: string | Uint8Array): Promise<string> {
    await this.say("EHLO client.example");
    await this.say("MAIL FROM:<news@acme.example> SMTPUTF8 BODY=8BITMIME");
    for (const recipient of recipients) await this.say(`RCPT TO:<${recipient}>`);
    await this.say("DATA");
    await this.send(content);
    return await this.say(".");
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  async #line(): Promise<string | undefined> {
    const buffer = new Uint8Array(4096);
    for (;;) {
      const end = this.#unread.indexOf("\r\n");
      if (end >= 0) {
        const line = this.#unread.slice(0, end);
        this.#unread = this.#unread.slice(end + 2);
        return line;
      }
      const count = await this.#connection.read(buffer);
      if (count === null) return undefined;
      this.#unread += new TextDecoder().decode(buffer.subarray(0, count));
    }
  }
}
