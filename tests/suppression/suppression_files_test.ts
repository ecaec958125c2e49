import assert from "node:assert/strict";
import { readSuppression } from "../../src/suppression/suppression_files.ts";
import { InputError } from "../../src/model/input_error.ts";
import { withFile } from "../list/files.ts";

const { signal } = new AbortController();

Deno.test("readSuppression() reads one address per line, with comments and empty lines", async () => {
  const text = "# bounced\n\nAda@X.de\r\n  # not a comment\n bob@x.de \n#cid@x.de\ndan@x.de";
  await withFile(text, async (path) => {
    const list = await readSuppression([path], signal);
    assert.equal(list.has("ada@x.de"), `${path}:3`);
    assert.equal(list.has("bob@x.de"), `${path}:5`);
    assert.equal(list.has("dan@x.de"), `${path}:7`);
    assert.equal(list.has("cid@x.de"), undefined);
    assert.equal(list.size, 3);
    assert.equal(list.ignored.count, 1);
    assert.equal(list.ignored.examples[0]?.line, 4);
  });
});

Deno.test("readSuppression() reads the e-mail column of a CSV file", async () => {
  await withFile("# export\nReason;E-Mail\nbounce;ada@x.de\ncomplaint;bob@x.de\n", async (path) => {
    const list = await readSuppression([path], signal);
    assert.equal(list.has("ada@x.de"), `${path}:3`);
    assert.equal(list.has("bob@x.de"), `${path}:4`);
    assert.equal(list.size, 2);
  });
});

Deno.test("readSuppression() reads rows without a header", async () => {
  await withFile("bounce;ada@x.de;a, b, c\ncomplaint;bob@x.de;d\n", async (path) => {
    const list = await readSuppression([path], signal);
    assert.equal(list.has("ada@x.de"), `${path}:1`);
    assert.equal(list.has("bob@x.de"), `${path}:2`);
  });
});

Deno.test("readSuppression() says in which of several files an address is, and on which line", async () => {
  await withFile("Email\nada@x.de\n", async (first) => {
    await withFile("bob@x.de\nada@x.de\n", async (second) => {
      const list = await readSuppression([first, second], signal);
      assert.equal(list.has("ada@x.de"), `${first}:2`);
      assert.equal(list.has("bob@x.de"), `${second}:1`);
      assert.equal(list.size, 2);
    });
  });
});

Deno.test("readSuppression() names and counts lines without an address", async () => {
  await withFile(`a@x.de\n${"b@\n".repeat(30)}c@x.de\n`, async (path) => {
    const { size, ignored } = await readSuppression([path], signal);
    assert.equal(size, 2);
    assert.equal(ignored.count, 30);
    assert.equal(ignored.examples.length, 20);
    assert.deepEqual(ignored.examples[0], {
      file: path,
      line: 2,
      reason: "Address has no domain: 'b@'",
    });
  });
});

Deno.test("readSuppression() accepts an empty file, and no file at all", async () => {
  assert.equal((await readSuppression([], signal)).size, 0);
  await withFile("", async (path) => {
    const { size, ignored } = await readSuppression([path], signal);
    assert.deepEqual([size, ignored.count], [0, 0]);
  });
});

Deno.test("readSuppression() refuses a missing file, and a CSV file without addresses", async () => {
  const refused = (message: RegExp) => (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.match(error.describe(), message);
    return true;
  };
  await assert.rejects(readSuppression(["none.csv"], signal), refused(/^none.csv: There is no /));
  await withFile("Name,City\nAda,Rome\n", async (path) => {
    await assert.rejects(readSuppression([path], signal), refused(/:1: No column holds an e-mail/));
  });
});

Deno.test("readSuppression() names lines that cannot be read at all, and reads the lines after them", async () => {
  const long = "x".repeat(1_100_000);
  await withFile(`ada@x.de\n${long}\nbob@x.de\n`, async (path) => {
    const suppression = await readSuppression([path], signal);
    assert.deepEqual([...suppression.keys()], ["ada@x.de", "bob@x.de"]);
    const reason = "Row is longer than 1.0 MB";
    assert.deepEqual(suppression.ignored, {
      count: 1,
      examples: [{ file: path, line: 2, reason }],
    });
  });
});

Deno.test("readSuppression() treats each file separately: its column, its header, and its bad lines", async () => {
  await withFile("Name,Mail\nAda,ada@x.de\nBob,bob\n", async (first) => {
    await withFile("bob@x.de,Bob\nada,Ada\n", async (second) => {
      const list = await readSuppression([first, second], signal);
      assert.deepEqual([...list.keys()], ["ada@x.de", "bob@x.de"]);
      assert.equal(list.has("bob@x.de"), `${second}:1`);
      assert.equal(list.ignored.count, 2);
      assert.deepEqual(list.ignored.examples.map(({ file, line }) => [file, line]), [
        [first, 3],
        [second, 2],
      ]);
    });
  });
});

Deno.test("readSuppression() treats a first line of one cell as a header only if it names a column", async () => {
  for (
    const [first, ignored] of [["E-Mail", []], ["ada", [1]], ["ada@x.de", []]] as const
  ) {
    await withFile(`${first}\nbob@x.de\n`, async (path) => {
      const list = await readSuppression([path], signal);
      assert.deepEqual(list.ignored.examples.map(({ line }) => line), ignored, first);
      assert.equal(list.has("bob@x.de"), `${path}:2`);
    });
  }
});

Deno.test({
  name: "readSuppression() closes its files, even if one cannot be used",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const open = () => [...Deno.readDirSync("/proc/self/fd")].length;
    await withFile("Name,City\nAda,Rome\n", async (bad) => {
      await withFile("ada@x.de\n", async (good) => {
        const before = open();
        for (let time = 0; time < 20; time++) {
          await readSuppression([good], signal);
          await assert.rejects(readSuppression([good, bad], signal), InputError);
        }
        assert(open() < before + 20, `${open()} files after ${before}`);
      });
    });
  },
});
