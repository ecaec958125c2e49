// nodemailer as its documentation says, on Deno and on Node alike:
// PORT CONNECTIONS LIST BODY SUBJECT SENDER; 0 connections: no pool, one mail after the other.
import { readFileSync } from "node:fs";
import process from "node:process";
import { createTransport } from "nodemailer";

const [port, connections, list, body, subject, sender] = process.argv.slice(2);
const pool = Number(connections);
const server = { host: "127.0.0.1", port: Number(port), ignoreTLS: true };
const transport = createTransport(
  pool > 0 ? { ...server, pool: true, maxConnections: pool, maxMessages: Infinity } : server,
);

const [head, ...rows] = readFileSync(list, "utf8").trimEnd().split("\n");
const columns = head.split(",");
const letter = readFileSync(body, "utf8");

function personal(text, cells) {
  let result = text;
  columns.forEach((column, at) => result = result.replaceAll(`{{ ${column} }}`, cells[at]));
  return result;
}

let next = 0;
async function work() {
  while (next < rows.length) {
    const cells = rows[next++].split(",");
    const to = { name: cells[0], address: cells[1] };
    await transport.sendMail({
      from: sender,
      to,
      subject: personal(subject, cells),
      text: personal(letter, cells),
    });
  }
}

// Four mails a connection are at hand at any time: the pool never waits for the list, and memory stays flat.
await Promise.all(Array.from({ length: pool > 0 ? 4 * pool : 1 }, work));
transport.close();
process.exit(0);
