import assert from "node:assert/strict";
import { SmtpClient } from "../../src/smtp/smtp_client.ts";
import { Secret } from "../../src/model/relay.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { FOREVER, free, mailTo, openSession } from "./fixtures.ts";

const PASSWORD = "geheim";

Deno.test("the server's replies after AUTH are never shown with the password", async () => {
  const plain = btoa(`\0ann\0${PASSWORD}`);
  await using server = new ScriptedServer(`
    S: 220 mx
    C: EHLO client.test
    S: 250-mx
    S: 250 AUTH PLAIN
    C: AUTH PLAIN ${plain}
    S: 235 ok
    C: MAIL FROM:<s@a.test>
    S: 550 5.7.1 no ${PASSWORD} ${plain} ${btoa(PASSWORD)}
    C: QUIT
    S: 221 bye
  `);
  const auth = { user: "ann", password: new Secret(PASSWORD), mechanism: undefined };
  const client = new SmtpClient(await openSession(server.port, {}, { auth }), { signal: FOREVER });
  const attempt = await client.send(mailTo("a@b.test"), free);
  await client.close();
  assert.equal(attempt.kind === "refused" && attempt.reply.text, "no [secret] [secret] [secret]");
});
