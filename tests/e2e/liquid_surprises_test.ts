import assert from "node:assert/strict";
import { RuleServer } from "../pipeline/relays.ts";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";

/** A recipient, an empty address, a duplicate, and rows whose numbers are in another order as text. */
const LIST = [
  "Name,Email,Points,Limit,lang",
  "Ann,ann@x.test,9,10,de",
  "Bob,bob@x.test,150,100,en_GB",
  "Nobody,,1,2,",
  "Ann,ANN@x.test,9,10,de",
  "Eve,eve@x.test,20,30,",
].join("\n") + "\n";

/** Runs commands on a template with this body and these headers. */
async function withTemplate(
  body: string,
  test: (
    run: (command: string, ...more: string[]) => ReturnType<typeof runProgram>,
    relay: RuleServer,
  ) => Promise<void>,
  head = "",
): Promise<void> {
  const template = `From: Acme <news@acme.test>\nSubject: Hello\n${head}\n${body}\n`;
  await inFolder({ "list.csv": LIST, "mail.txt": template }, async (cwd) => {
    await using relay = new RuleServer();
    const own = ["--recipients", "list.csv", "--template", "mail.txt", "--campaign", "c"];
    const smtp = ["--smtp", `smtp://127.0.0.1:${relay.port}?tls=off`, "--yes"];
    await test(
      (command, ...more) =>
        runProgram([command, ...own, ...(command === "send" ? smtp : []), ...more], { cwd }),
      relay,
    );
  });
}

const REFUSED: readonly (readonly [body: string, message: string, hint: string])[] = [
  [
    'Dear {{ Name or "friend" }},',
    `mail.txt:4:14: 'Name or "friend"' shows the word true or false, and no value`,
    'Write {{ Name | default: "friend" }}.',
  ],
  [
    "{% if Points == 150 %}a{% else %}b{% endif %}",
    "mail.txt:4:7: 'Points == 150' is never true: 'Points' is the text of a cell, and 150 is a number",
    'Write Points == "150" for that very text',
  ],
  ["{{ Name|upper }}", "mail.txt:4:9: Unknown filter 'upper'", "Write 'upcase'."],
];

for (const [body, message, hint] of REFUSED) {
  Deno.test(`send, check and preview refuse ${body} with the same words, and nobody is mailed`, async () => {
    await withTemplate(body, async (run, relay) => {
      for (const [command, ...more] of [["send"], ["check", "--offline"], ["preview"]]) {
        const { code, stdout, stderr } = await run(command!, ...more);
        assert.equal(code, 2, stderr);
        // check wraps its lines, and ends none with a full stop.
        const said = `${stdout}${stderr}`.replaceAll(/\s+/g, " ");
        for (const part of [message, hint.replace(/\.$/, "")]) assert(said.includes(part), said);
      }
      assert.deepEqual(relay.named, []);
    });
  });
}

Deno.test("send warns of numbers that the template orders as text, with the place and a row, and mails", async () => {
  const body = '{% if Points > "100" %}a{% endif %}{% if Points < Limit %}b{% endif %}';
  await withTemplate(body, async (run, relay) => {
    const { code, stderr } = await run("send");
    assert.equal(code, 1, stderr);
    const said = stderr.replaceAll(/\s+/g, " ");
    assert(
      said.includes(
        `mail.txt:4:7: 'Points > "100"' compares text, character by character: '9' and '100' (list.csv:2`,
      ),
      said,
    );
    assert(said.includes("mail.txt:4:42: 'Points < Limit' compares text"), said);
    assert(said.includes("{% assign number = Points | plus: 0 %}"), said);
    assert.deepEqual([...relay.named].sort(), ["ann@x.test", "bob@x.test", "eve@x.test"]);
    const checked = (await run("check", "--offline")).stdout.replaceAll(/\s+/g, " ");
    assert(
      checked.includes(`'Points > "100"' compares text, character by character: '9' and '100'`),
    );
  });
});

Deno.test("send warns of 'and' before 'or' and says how Liquid reads it", async () => {
  await withTemplate("{% if Name and Limit or Points %}a{% endif %}", async (run) => {
    const { stderr } = await run("send");
    const said = stderr.replaceAll(/\s+/g, " ");
    assert(
      said.includes(
        "mail.txt:4:12: 'Name and Limit or Points' is read as Name and (Limit or Points).",
      ),
      said,
    );
  });
});

Deno.test("send says nothing where texts are ordered as their numbers would be, or are no numbers", async () => {
  await withTemplate(
    '{% if Name < "M" and Limit > "0" and Points < "99" %}a{% endif %}',
    async (run) => {
      const { stderr } = await run("send");
      assert.doesNotMatch(stderr, /Name < "M"|Limit > "0"/);
      assert.match(stderr, /Points < "99"/);
    },
  );
});

Deno.test("Content-Language of each row is in its mail, and a row with an unusable one is invalid", async () => {
  await withTemplate("x", async (run, relay) => {
    const { code, stderr } = await run("send");
    assert.equal(code, 1, stderr);
    const language = (name: string) =>
      relay.bodies.map(({ text }) => text).find((text) => text.includes(`${name}@x.test`))
        ?.match(/^Content-Language: (.*?)\r?$/m)?.[1];
    assert.deepEqual([...relay.named].sort(), ["ann@x.test", "eve@x.test"]);
    assert.equal(language("ann"), "de");
    assert.equal(language("eve"), undefined);
    const { stdout } = await run("check", "--offline");
    assert.match(
      stdout.replaceAll(/\s+/g, " "),
      /list\.csv:3: Content-Language must be a tag such as 'de' or 'pt-BR': found 'en_GB'/,
    );
  }, "Content-Language: {{ lang }}\n");
});
