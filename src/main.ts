import { monotonic, wallTime } from "./time/clock.ts";
import { crashText } from "./cli/explain.ts";
import { runProgram } from "./cli/program.ts";
import { lineReader } from "./cli/prompt.ts";
import {
  type Output,
  OutputError,
  type ProcessContext,
  type Terminal,
} from "./cli/process_context.ts";

// The process: argv, environment, signals, standard streams and exit code. Nothing below touches them.

/** `timeout` and some launchers send a signal twice, to the process and to its group; the two count as one. */
const SAME_SIGNAL_MS = 100;
const STOPPED = 3;

function watchSignals(): Pick<ProcessContext, "signal" | "onSecondSignal"> {
  const stop = new AbortController();
  let since = -Infinity;
  let second: (() => void) | undefined;
  const onSignal = () => {
    if (monotonic() - since <= SAME_SIGNAL_MS) return;
    since = monotonic();
    if (!stop.signal.aborted) {
      return stop.abort(new DOMException("Stopped by a signal", "AbortError"));
    }
    const listener = second;
    second = undefined;
    if (listener === undefined) Deno.exit(STOPPED);
    listener();
  };
  Deno.addSignalListener("SIGINT", onSignal);
  // Windows has no SIGTERM.
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", onSignal);
  return {
    signal: stop.signal,
    onSecondSignal(listener) {
      second = listener;
      return { [Symbol.dispose]: () => second = undefined };
    },
  };
}

/** Deno itself exits with code 1 after an unhandled error, which here would mean "settled". */
function watchFaults(terminal: Terminal): void {
  const onFault = (event: Event, error: unknown) => {
    event.preventDefault();
    terminal.write(crashText(error, Deno.args));
    Deno.exit(STOPPED);
  };
  globalThis.addEventListener("error", (event) => onFault(event, event.error));
  globalThis.addEventListener("unhandledrejection", (event) => onFault(event, event.reason));
}

function standardOutput(): Output {
  const encoder = new TextEncoder();
  let closed = false;
  return {
    isTerminal: Deno.stdout.isTerminal(),
    get closed() {
      return closed;
    },
    async write(data) {
      let rest = typeof data === "string" ? encoder.encode(data) : data;
      try {
        while (rest.length > 0 && !closed) rest = rest.subarray(await Deno.stdout.write(rest));
      } catch (error) {
        if (!(error instanceof Deno.errors.BrokenPipe)) throw new OutputError(error);
        closed = true;
      }
    },
  };
}

function standardError(): Terminal {
  const encoder = new TextEncoder();
  const isTerminal = Deno.stderr.isTerminal();
  return {
    isTerminal,
    canAsk: isTerminal && Deno.stdin.isTerminal(),
    isAttended: isTerminal || Deno.stdin.isTerminal() || Deno.stdout.isTerminal(),
    columns() {
      try {
        return isTerminal ? Deno.consoleSize().columns : 80;
      } catch {
        return 80;
      }
    },
    write(text) {
      let rest = encoder.encode(text);
      try {
        while (rest.length > 0) rest = rest.subarray(Deno.stderr.writeSync(rest));
      } catch {
        // Standard error is closed or its disk is full: the campaign continues without it.
      }
    },
    readLine: lineReader(() => Deno.stdin.readable),
  };
}

const terminal = standardError();
watchFaults(terminal);
const context: ProcessContext = {
  env: (name) => Deno.env.get(name) || undefined,
  envNames: () => Object.keys(Deno.env.toObject()),
  get stdin() {
    return Deno.stdin.readable;
  },
  stdout: standardOutput(),
  terminal,
  ...watchSignals(),
  onHangUp(listener) {
    Deno.addSignalListener("SIGHUP", listener);
    return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", listener) };
  },
  now: wallTime,
};
// Streams that nobody reads any more, such as standard input after a prompt, must not keep the process alive.
Deno.exit(await runProgram(Deno.args, context));
