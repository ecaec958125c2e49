import assert from "node:assert/strict";
import { withNodeTimers } from "../../build/bundle.ts";

Deno.test("withNodeTimers() gives Node's timers to a chunk that uses them as objects", () => {
  const code = "const timer = setTimeout(stop, 5);\ntimer.unref();\nclearTimeout(timer);";
  assert.equal(
    withNodeTimers(code),
    `import { clearTimeout, setTimeout } from "node:timers";\n${code}`,
  );
});

Deno.test("withNodeTimers() does not change a chunk that needs no timer object or imports its own", () => {
  const plain = "setTimeout(stop, 5); socket.close();";
  assert.equal(withNodeTimers(plain), plain);
  const own = 'import { setTimeout } from "node:timers";\nsetTimeout(stop, 5).unref();';
  assert.equal(withNodeTimers(own), own);
  const renamed =
    'import { setTimeout as wait } from "node:timers/promises";\nsetTimeout(f).unref();';
  assert.match(withNodeTimers(renamed), /^import \{ setTimeout \} from "node:timers";\n/);
});
