import assert from "node:assert/strict";
import { TestCampaign } from "../support/campaigns.ts";
import { type Ended, runProgram } from "../support/program.ts";
import { Postfix, USER } from "./postfix.ts";

/** Sends a campaign of 20 mails to the URL. */
async function send(url: string, password?: string): Promise<Ended> {
  await using campaign = await TestCampaign.make(20);
  return await runProgram(campaign.sendTo(url), {
    cwd: campaign.folder,
    env: password === undefined ? {} : { SMTP_PASSWORD: password },
  });
}

/** What each session did, according to Postfix: "ehlo=2 starttls=1 auth=1 mail=4". */
function sessions(log: string): readonly string[] {
  return [...log.matchAll(/disconnect from \S+ (.*) commands=/g)].map(([, commands]) => commands!);
}

Deno.test("Postfix accepts mail in chunks in clear text, over STARTTLS with and without a login, and over implicit TLS", async () => {
  await using postfix = await Postfix.start();
  const { ports, ca } = postfix;
  const trust = `ca=${encodeURIComponent(ca)}`;
  for (
    const [at, [url, used]] of ([
      [`smtp://127.0.0.1:${ports.open}?tls=off`, /^ehlo=1 mail=\d+ rcpt=\d+ bdat=\d+/m],
      [`smtp://localhost:${ports.open}?${trust}`, /starttls=1 mail=/],
      [`smtps://localhost:${ports.implicit}?${trust}`, /^ehlo=1 mail=/m],
      [`smtp://${USER.name}@localhost:${ports.login}?${trust}`, /starttls=1 auth=1 mail=/],
      [`smtp://${USER.name}@localhost:${ports.login}?${trust}&auth=login`, /auth=1 mail=/],
    ] as const).entries()
  ) {
    const { code, stderr } = await send(url, url.includes("@") ? USER.password : undefined);
    assert.equal(code, 0, stderr);
    const mails = await postfix.arrived(20 * (at + 1));
    assert.equal(mails.length, 20 * (at + 1), await postfix.log());
    assert.match(sessions(await postfix.log()).join("\n"), used);
  }
  const [mail] = await postfix.delivered();
  assert.match(mail!, /^Subject: Hello, Person \d+$/m);
  assert.match(mail!, /\n\nDear Person \d+, this is the news\.\n/);
});

Deno.test("A Postfix that is not trusted, or does not trust us, gets no mail, and the message says what to do", async () => {
  await using postfix = await Postfix.start();
  const { ports, ca } = postfix;
  const trust = `ca=${encodeURIComponent(ca)}`;
  for (
    const [url, password, because] of [
      [`smtp://localhost:${ports.open}`, undefined, /\?ca=FILE/],
      [`smtp://localhost:${ports.otherName}?${trust}`, undefined, /certificate/],
      [
        `smtp://${USER.name}@localhost:${ports.login}?${trust}`,
        "wrong",
        /Check the user and SMTP_PASSWORD/,
      ],
      [`smtp://localhost:${ports.login}?${trust}`, undefined, /Check that this machine or account/],
      [`smtp://localhost:1?${trust}`, undefined, /Check host and port/],
      [`smtp://localhost:${ports.open}?ca=missing.pem`, undefined, /missing\.pem/],
    ] as const
  ) {
    const { code, stderr } = await send(url, password);
    assert(code === 2 || code === 3, stderr);
    assert.match(stderr, because);
    assert.doesNotMatch(stderr, /unexpected|wrong horse|correct horse/);
  }
  const log = await postfix.log();
  assert.deepEqual(await postfix.delivered(), []);
  // No envelope and no login was sent over a session that was not secured.
  for (const session of sessions(log)) {
    if (session.includes("mail=")) assert.match(session, /starttls=1/);
    if (session.includes("auth=")) assert.match(session, /starttls=1/);
  }
});

Deno.test("Nobody fails if Postfix refuses our From address at every RCPT, and all are sent with an address it knows", async () => {
  await using postfix = await Postfix.start({
    smtpd_reject_unlisted_sender: "yes",
    virtual_mailbox_domains: "x.test, acme.test",
    // Nobody at acme.test but this one; everybody at x.test.
    virtual_mailbox_maps: "inline:{ { @x.test = inbox/ } { known@acme.test = inbox/ } }",
  });
  await using campaign = await TestCampaign.make(100);
  const send = (...more: readonly string[]) =>
    runProgram(["send", ...campaign.args, "--smtp", postfix.url, ...more], {
      cwd: campaign.folder,
    });
  const refused = await send();
  assert.equal(refused.code, 3, refused.stderr);
  assert.match(refused.stderr, /Reason .*550 5\.1\.0 <news@acme\.test>: Sender address rejected/);
  assert.equal((await campaign.exported("queued", "deferred")).length, 100);
  assert.deepEqual(await postfix.taken(), []);
  await campaign.sendFrom("known@acme.test");
  const sent = await send();
  assert.equal(sent.code, 0, sent.stderr);
  const taken = await postfix.taken();
  assert.deepEqual(taken.toSorted(), campaign.recipients.toSorted());
});
