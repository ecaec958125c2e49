import type { ExitCode } from "../model/exit_code.ts";
import type { ProcessContext } from "./process_context.ts";

/** Runs a command's body in the surroundings of the process and keeps its verdict. */
export type Run = (body: (context: ProcessContext) => Promise<ExitCode>) => Promise<void>;
