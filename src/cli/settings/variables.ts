import { InputError } from "../../model/input_error.ts";
import { nearest } from "../../text/nearest.ts";

/** Variables that are no flag's. */
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
/** What other programs call the same. */
const MISNOMERS: Readonly<Partial<Record<OwnVariable, readonly string[]>>> = {
  SMTP_URL: ["SMTP_URI", "SMTP_ULR", "SMTP_DSN"],
  SMTP_PASSWORD: ["SMTP_PASS", "SMTP_PASSWD", "SMTP_PWD"],
};

/** The environment, as far as it is ours. */
export class Variables {
  readonly get: (name: string) => string | undefined;
  readonly #names: ReadonlySet<string>;

  /**
   * @param get A variable's value; undefined where it is not set or empty.
   * @param names All variables, the empty ones included.
   */
  constructor(get: (name: string) => string | undefined, names: readonly string[]) {
    this.get = get;
    this.#names = new Set(names);
  }

  /**
   * A variable that a deployment sets, as a rule from a secret of its own.
   *
   * @throws {InputError} where it is set and empty, which is how a secret arrives that is missing, or another name is set in its place
   */
  secret(name: OwnVariable): string | undefined {
    const value = this.get(name);
    if (value !== undefined) return value;
    if (this.#names.has(name)) {
      throw new InputError(`${name} must not be empty: found ''`, {
        hint: `give it its value (in CI: is the secret there?), or unset ${name}`,
      });
    }
    const misnomer = MISNOMERS[name]?.find((other) => this.#names.has(other));
    if (misnomer === undefined) return undefined;
    throw new InputError(`Unknown environment variable ${misnomer}`, {
      hint: `did you mean ${name}?`,
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
          ? `a flag's variable is ${PREFIX} and its name: ${PREFIX}CONNECTIONS for --connections`
          : `did you mean ${meant}?`,
      });
    }
  }
}

/** The prefix does not count: nearly all letters would be right in any name. */
function nearestOf(rest: string, known: readonly string[]): string | undefined {
  const found = nearest(rest, known.map((name) => name.slice(PREFIX.length)));
  return found === undefined ? undefined : `${PREFIX}${found}`;
}
