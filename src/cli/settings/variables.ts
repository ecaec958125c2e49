import { InputError } from "../../model/input_error.ts";
import { nearest } from "../../text/nearest.ts";

/** Variables that belong to no flag. */
const OWN = [
  "SMTP_URL",
  "SMTP_PASSWORD",
  "SMTP_PASSWORD_FILE",
  "DKIM_KEY",
  "UNSUBSCRIBE_SECRET",
  "UNSUBSCRIBE_SECRET_FILE",
] as const;
export type OwnVariable = typeof OWN[number];

const PREFIX = "EMAIL_DISPATCHER_";
/** Names that other programs use for these. */
const MISNOMERS: Readonly<Partial<Record<OwnVariable, readonly string[]>>> = {
  SMTP_URL: ["SMTP_URI", "SMTP_ULR", "SMTP_DSN"],
  SMTP_PASSWORD: ["SMTP_PASS", "SMTP_PASSWD", "SMTP_PWD"],
};

/** The part of the environment that is ours. */
export class Variables {
  readonly get: (name: string) => string | undefined;
  readonly #names: ReadonlySet<string>;

  /**
   * @param get A variable's value; undefined if it is not set or empty.
   * @param names The names of all variables, including empty ones.
   */
  constructor(get: (name: string) => string | undefined, names: readonly string[]) {
    this.get = get;
    this.#names = new Set(names);
  }

  /**
   * A variable that a deployment sets, usually from one of its secrets.
   *
   * @throws {InputError} if it is set but empty, as a missing secret is in CI, or if another name is set in its place
   */
  secret(name: OwnVariable): string | undefined {
    const value = this.get(name);
    if (value !== undefined) return value;
    if (this.#names.has(name)) {
      throw new InputError(`${name} must not be empty: found ''`, {
        kind: "secret",
        hint: `Set its value (in CI: is the secret set?), or unset ${name}.`,
      });
    }
    const misnomer = MISNOMERS[name]?.find((other) => this.#names.has(other));
    if (misnomer === undefined) return undefined;
    throw new InputError(`Unknown environment variable ${misnomer}`, {
      hint: `Did you mean ${name}?`,
    });
  }

  /** @throws {InputError} for a variable with our prefix that is none of the `known` ones. */
  refuseUnknown(known: readonly string[]): void {
    const all = [...known.filter((name) => name.startsWith(PREFIX)), `${PREFIX}CONFIG`];
    for (const name of this.#names) {
      if (!name.startsWith(PREFIX) || all.includes(name)) continue;
      const rest = name.slice(PREFIX.length);
      const own = OWN.find((one) => one === rest || one === `${rest}_URL`);
      const meant = own ?? nearestOf(rest, all);
      throw new InputError(`Unknown environment variable ${name}`, {
        hint: meant === undefined
          ? `The variable of a flag is ${PREFIX} plus its name: ${PREFIX}CONNECTIONS for --connections.`
          : `Did you mean ${meant}?`,
      });
    }
  }
}

/** Compares without the prefix, which would make all names look alike. */
function nearestOf(rest: string, known: readonly string[]): string | undefined {
  const found = nearest(rest, known.map((name) => name.slice(PREFIX.length)));
  return found === undefined ? undefined : `${PREFIX}${found}`;
}
