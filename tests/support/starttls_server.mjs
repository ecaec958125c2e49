// An SMTP server with STARTTLS or implicit TLS, for tests: Deno's startTls is for clients only, so this runs under Node.
//
// Its one argument is JSON: { cert, key, ca?, implicit?, offers, behind220?, replies? }
//   ca         demands a client certificate signed by it
//   offers     lines of EHLO before TLS and after it: { clear: [...], secured: [...] }
//   behind220  bytes sent in clear with the 220 of STARTTLS, in the same packet
//   starttls   the reply to STARTTLS instead of "220 go"
//   auth       replies to AUTH and to each line after it, in turn; "235 ok" when they are used up
// On stdout it says the port, then every command it heard, as JSON lines { secured, line }.

import net from "node:net";
import tls from "node:tls";

const options = JSON.parse(process.argv[2]);
const context = {
  cert: options.cert,
  key: options.key,
  ca: options.ca,
  requestCert: Boolean(options.ca),
  rejectUnauthorized: Boolean(options.ca),
};

function say(value) {
  process.stdout.write(JSON.stringify(value) + "\n");
}

function serve(socket, secured) {
  let held = "";
  let body = false;
  const auth = [...(options.auth ?? [])];
  let inAuth = false;
  socket.on("error", () => {});
  socket.on("data", function read(chunk) {
    held += chunk.toString("latin1");
    for (let end; (end = held.indexOf("\r\n")) !== -1;) {
      const line = held.slice(0, end);
      held = held.slice(end + 2);
      if (body) {
        if (line === ".") {
          body = false;
          socket.write("250 2.0.0 queued\r\n");
        }
        continue;
      }
      say({ secured, line });
      if (inAuth || line.startsWith("AUTH ")) {
        const reply = auth.shift() ?? "235 2.7.0 ok";
        inAuth = reply.startsWith("334");
        socket.write(`${reply}\r\n`);
      } else if (line.startsWith("EHLO")) {
        const lines = ["localhost", ...(secured ? options.offers.secured : options.offers.clear)];
        socket.write(
          lines.map((text, at) => `250${at < lines.length - 1 ? "-" : " "}${text}\r\n`).join(""),
        );
      } else if (line === "STARTTLS") {
        const reply = options.starttls ?? "220 go";
        socket.write(`${reply}\r\n${options.behind220 ?? ""}`);
        if (reply.startsWith("220") && options.behind220 === undefined) {
          socket.removeListener("data", read);
          return serve(new tls.TLSSocket(socket, { isServer: true, ...context }), true);
        }
      } else if (line === "DATA") {
        body = true;
        socket.write("354 go\r\n");
      } else if (line === "QUIT") {
        socket.end("221 bye\r\n");
      } else socket.write("250 2.0.0 ok\r\n");
    }
  });
}

const server = options.implicit ? tls.createServer(context) : net.createServer();
server.on("tlsClientError", () => {});
server.on(options.implicit ? "secureConnection" : "connection", (socket) => {
  serve(socket, Boolean(options.implicit));
  socket.write("220 localhost ESMTP\r\n");
});
server.listen(0, "127.0.0.1", () => say({ port: server.address().port }));
