/** A worker that starts one process after another until it is terminated. */

import { run } from "../support/process.ts";

const AT_A_TIME = 4;

async function forever(): Promise<never> {
  for (;;) await run("true", []);
}

(self as unknown as Worker).postMessage("started");
await Promise.all(Array.from({ length: AT_A_TIME }, forever));
