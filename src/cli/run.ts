import type { ExitCode } from "../model/exit_code.ts";
import type { Surroundings } from "./process_context.ts";

/** Runs a command's body in the surroundings of the process and keeps its verdict. */
export type Run = (body: (surroundings: Surroundings) => Promise<ExitCode>) => Promise<void>;
