import type { ExitCode } from "../model/exit_code.ts";
import type { ProcessContext } from "./process_context.ts";

/** Runs the body of a command with the context of the process and keeps its exit code. */
export type Run = (body: (context: ProcessContext) => Promise<ExitCode>) => Promise<void>;
