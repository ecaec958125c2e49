/**
 * The process behind smtp_server.ts: the server of the npm package smtp-server, which logs each recipient before it says that
 * it has accepted the mail.
 *
 * Arguments: the port, the log, and after how many mails a connection is closed without a reply. Prints `listening`.
 */
import { appendFileSync } from "node:fs";
import { SMTPServer, type SMTPServerSession } from "smtp-server";

const [port, log, closesAfter] = Deno.args as [string, string, string];
const taken = new Map<string, number>();

function close(id: string): void {
  for (const connection of server.connections as unknown as Iterable<Connection>) {
    if (connection.session.id === id) connection.close();
  }
}

interface Connection {
  readonly session: SMTPServerSession;
  close(): void;
}

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  disableReverseLookup: true,
  onData(stream, session, done) {
    stream.resume();
    stream.on("end", () => {
      const [recipient] = session.envelope.rcptTo;
      appendFileSync(log, `${recipient!.address}\n`);
      const count = (taken.get(session.id) ?? 0) + 1;
      taken.set(session.id, count);
      done();
      if (count === Number(closesAfter)) close(session.id);
    });
  },
});
server.on("error", () => {});
// Older versions of Deno throw if a client is gone before its connection is accepted; a server must survive that.
addEventListener("error", (event) => event.preventDefault());
server.listen(Number(port), "127.0.0.1", () => {
  void Deno.stdout.write(new TextEncoder().encode("listening\n"));
});
