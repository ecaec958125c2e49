import assert from "node:assert/strict";
import { answerOf, ask, lineReader, mayContinue, questionOf } from "../../src/cli/prompt.ts";
import { assertLeavesNoListener } from "../support/counted_signal.ts";

const PLAN = { campaign: "spring", toSend: 25, outbox: undefined, changedSinceDone: [] };

/** A terminal at which a person types `lines` and then ends the input. */
function person(...lines: string[]) {
  let shown = "";
  return {
    write: (text: string) => void (shown += text),
    readLine: () => Promise.resolve(lines.shift()),
    shown: () => shown,
  };
}

Deno.test("questionOf() says how many mails and where to", () => {
  assert.equal(questionOf(PLAN), "Send 25 mails now? [y/N] ");
  assert.equal(
    questionOf({ toSend: 1, outbox: "outbox" }),
    "Send 1 mail to the sandbox now? [y/N] ",
  );
  assert.equal(questionOf({ toSend: undefined, outbox: undefined }), "Send the mails now? [y/N] ");
});

Deno.test("answerOf() takes only y and yes for a yes, and calls unknown answers unclear", () => {
  const table: [line: string | undefined, answer: string][] = [
    ["y", "yes"],
    [" YES ", "yes"],
    ["n", "no"],
    ["No", "no"],
    ["", "no"],
    [undefined, "no"],
    ["yep", "unclear"],
    ["\x1b[A", "unclear"],
  ];
  for (const [line, answer] of table) assert.equal(answerOf(line), answer, String(line));
});

Deno.test("ask() asks again after an unclear answer, three times at most", async () => {
  const { signal } = new AbortController();
  const late = person("what?", "y");
  assert.equal(await ask(questionOf(PLAN), late, signal), true);
  assert.equal(late.shown().match(/Send 25/g)?.length, 2);
  const never = person("a", "b", "c", "y");
  assert.equal(await ask(questionOf(PLAN), never, signal), false);
});

Deno.test("ask() takes the end of input for a no and starts a new line", async () => {
  const gone = person();
  assert.equal(await ask(questionOf(PLAN), gone, new AbortController().signal), false);
  assert(gone.shown().endsWith("[y/N] \n"));
});

Deno.test("lineReader() assembles lines from pieces of any size", async () => {
  const pieces = ["y", "e", "s\r\nn", "\nrest"].map((piece) => new TextEncoder().encode(piece));
  const readLine = lineReader(() => ReadableStream.from(pieces));
  const { signal } = new AbortController();
  assert.equal(await readLine(signal), "yes");
  assert.equal(await readLine(signal), "n");
  assert.equal(await readLine(signal), undefined);
});

Deno.test("lineReader() gives up at the signal", async () => {
  const stop = new AbortController();
  const readLine = lineReader(() => new ReadableStream());
  const line = readLine(stop.signal);
  stop.abort();
  assert.equal(await line, undefined);
  assert.equal(await readLine(stop.signal), undefined);
});

Deno.test("mayContinue() asks at a terminal, refuses if it cannot ask there, and needs no answer without one", async () => {
  type Streams = readonly [stdin: boolean, stdout: boolean, stderr: boolean];
  const table: [Streams, list: "file" | "stdin", yes: boolean, outcome: boolean | RegExp][] = [
    [[true, true, true], "file", false, false],
    [[true, false, true], "file", false, false],
    [[true, true, true], "stdin", false, /because standard input is the list/],
    [[true, false, false], "file", false, /because standard error is not the terminal/],
    [[true, true, false], "file", false, /because standard error is not the terminal/],
    [[false, true, false], "file", false, /because standard error is not the terminal/],
    [[false, false, true], "file", false, /because standard input is not the terminal/],
    [[false, false, true], "stdin", false, /because standard input is not the terminal/],
    [[false, false, false], "file", false, true],
    [[false, false, false], "stdin", false, true],
    [[true, false, false], "file", true, true],
    [[true, true, true], "stdin", true, true],
  ];
  for (const [[stdin, stdout, stderr], list, yes, outcome] of table) {
    const terminal = {
      ...person("n"),
      isTerminal: stderr,
      canAsk: stderr && stdin,
      isAttended: stdin || stdout || stderr,
      columns: () => 80,
    };
    const asked = mayContinue(
      PLAN,
      { yes, yesChanged: false, listOnStdin: list === "stdin" },
      terminal,
      new AbortController().signal,
    );
    if (typeof outcome === "boolean") assert.equal(await asked, outcome);
    else await assert.rejects(asked, outcome);
  }
});

Deno.test("mayContinue() asks about a changed template first, whatever --yes says, and refuses if nobody can be asked", async () => {
  const plan = { ...PLAN, changedSinceDone: ["the template", "'footer.html'"] };
  const { signal } = new AbortController();
  const refused = /was done, and the template and 'footer\.html' have changed since/;
  const table: [
    answers: string[],
    canAsk: boolean,
    yes: boolean,
    yesChanged: boolean,
    outcome: boolean | RegExp,
    questions: number,
  ][] = [
    [["y", "y"], true, false, false, true, 2],
    [["y", "n"], true, false, false, false, 2],
    [["n"], true, false, false, false, 1],
    [[""], true, true, false, false, 1],
    [["y"], true, true, false, true, 1],
    [["y"], true, false, true, true, 1],
    [[], true, true, true, true, 0],
    [[], false, false, false, refused, 0],
    [[], false, true, false, refused, 0],
    [[], false, true, true, true, 0],
  ];
  for (const [answers, canAsk, yes, yesChanged, outcome, questions] of table) {
    const asked = person(...answers);
    const terminal = {
      ...asked,
      isTerminal: canAsk,
      canAsk,
      isAttended: canAsk,
      columns: () => 80,
    };
    const answer = mayContinue(plan, { yes, yesChanged, listOnStdin: false }, terminal, signal);
    if (typeof outcome === "boolean") assert.equal(await answer, outcome);
    else await assert.rejects(answer, outcome);
    assert.equal(asked.shown().match(/\[y\/N\]/g)?.length ?? 0, questions);
  }
});

Deno.test("mayContinue() asks once about a changed template if there is nobody to send to", async () => {
  const plan = { ...PLAN, toSend: 0, changedSinceDone: ["From"] };
  const asked = person("y");
  const terminal = {
    ...asked,
    isTerminal: true,
    canAsk: true,
    isAttended: true,
    columns: () => 80,
  };
  const { signal } = new AbortController();
  assert.equal(
    await mayContinue(
      plan,
      { yes: false, yesChanged: false, listOnStdin: false },
      terminal,
      signal,
    ),
    true,
  );
  assert.equal(asked.shown().match(/\[y\/N\]/g)?.length, 1);
});

Deno.test("lineReader() leaves no listener behind, whether a line, no line or the signal comes", async () => {
  const silent = new ReadableStream<Uint8Array>();
  const typed = (text: string) => ReadableStream.from([new TextEncoder().encode(text)]);
  await assertLeavesNoListener(lineReader(() => typed("yes\n")));
  await assertLeavesNoListener(lineReader(() => typed("")));
  await assertLeavesNoListener(async (signal, counted) => {
    const line = lineReader(() => silent)(signal);
    counted.abort();
    assert.equal(await line, undefined);
  });
});
