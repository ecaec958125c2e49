import fc from "fast-check";

/** A number that makes the address: n12@x.test. */
export type Person = number;

/** One row of a list: a person's, in some case of letters, or one that cannot be mailed. */
export type Row =
  | { readonly kind: "person"; readonly person: Person; readonly upperCase: boolean }
  | { readonly kind: "invalid" };

/** What a program does to the list. */
export type Edit =
  | { readonly kind: "reverse" }
  | { readonly kind: "append"; readonly rows: readonly Row[] }
  | { readonly kind: "remove"; readonly from: number; readonly count: number }
  | { readonly kind: "replace"; readonly rows: readonly Row[] }
  /** Restores an earlier text of the list. */
  | { readonly kind: "restore" }
  | { readonly kind: "touch" };

/** How an edit reaches the file. */
export type Way = "in place" | "by rename";

/** What happens while a run sends: at the mail of this number, counted from 1. */
export interface Event {
  readonly at: number;
  readonly what:
    | { readonly kind: "stop" }
    | { readonly kind: "kill" }
    | { readonly kind: "edit"; readonly edit: Edit; readonly way: Way };
}

/** Which recipients a run is limited to. */
export interface Choice {
  readonly limit?: number;
  readonly offset?: number;
  readonly only?: readonly Person[];
}

export type Step =
  | {
    readonly kind: "run";
    readonly choice: Choice;
    readonly resend: boolean;
    readonly dropMissing: boolean;
    readonly snapshot: boolean;
    /** Wait for deferred recipients. */
    readonly wait: boolean;
    readonly shard: number;
    readonly event: Event | undefined;
  }
  | { readonly kind: "edit"; readonly edit: Edit; readonly way: Way };

/** What the server does with the mail of some recipients; it accepts all others. */
export type Fate =
  /** The first tries, as many as this, are answered "later". */
  | { readonly kind: "busy"; readonly times: number }
  | { readonly kind: "unknown" }
  /** The connection is cut at the end of the first mail, which the server has accepted or not. */
  | { readonly kind: "cut"; readonly taken: boolean };

/** Whether a run with this choice sends nothing: its offset is past the end, or it names somebody who is not in the list. */
export function isRefused(rows: readonly Row[], { offset = 0, only = [] }: Choice): boolean {
  const listed = new Set(rows.flatMap((row) => row.kind === "person" ? [row.person] : []));
  return (offset > 0 && offset >= rows.length) || only.some((person) => !listed.has(person));
}

/** A campaign from its first list to its end. */
export interface History {
  readonly rows: readonly Row[];
  readonly shards: number;
  /** Lists are read in place, like large ones; otherwise from a copy. */
  readonly inPlace: boolean;
  readonly fates: readonly (readonly [Person, Fate])[];
  readonly steps: readonly Step[];
}

const PEOPLE = 70;

const person = fc.nat(PEOPLE - 1);

const row: fc.Arbitrary<Row> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("person" as const),
      person,
      upperCase: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("invalid" as const) }) },
);

const rows = fc.oneof(
  fc.array(row, { minLength: 1, maxLength: 8 }),
  fc.array(row, { minLength: 30, maxLength: 75 }),
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant("reverse" as const) }),
  fc.record({
    kind: fc.constant("append" as const),
    rows: fc.array(row, { minLength: 1, maxLength: 6 }),
  }),
  fc.record({ kind: fc.constant("remove" as const), from: fc.nat(40), count: fc.nat(20) }),
  fc.record({ kind: fc.constant("replace" as const), rows }),
  fc.record({ kind: fc.constant("restore" as const) }),
  fc.record({ kind: fc.constant("touch" as const) }),
);

const way = fc.constantFrom<Way>("in place", "by rename");

const event: fc.Arbitrary<Event> = fc.record({
  at: fc.integer({ min: 1, max: 40 }),
  what: fc.oneof(
    fc.record({ kind: fc.constant("stop" as const) }),
    fc.record({ kind: fc.constant("kill" as const) }),
    fc.record({ kind: fc.constant("edit" as const), edit, way }),
  ),
});

const choice: fc.Arbitrary<Choice> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ limit: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ offset: fc.nat(50), limit: fc.integer({ min: 1, max: 10 }) }),
  },
  { weight: 1, arbitrary: fc.record({ offset: fc.nat(50) }) },
  {
    weight: 1,
    arbitrary: fc.record({ only: fc.uniqueArray(person, { minLength: 1, maxLength: 5 }) }),
  },
);

const seldom = fc.integer({ min: 0, max: 4 }).map((n) => n === 0);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("run" as const),
      choice,
      resend: fc.boolean(),
      dropMissing: seldom,
      snapshot: seldom,
      wait: fc.boolean(),
      shard: fc.nat(2),
      event: fc.option(event, { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("edit" as const), edit, way }) },
);

const fate: fc.Arbitrary<Fate> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("busy" as const),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("unknown" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cut" as const), taken: fc.boolean() }) },
);

export const history: fc.Arbitrary<History> = fc.record({
  rows,
  shards: fc.constantFrom(1, 1, 1, 2, 3),
  inPlace: fc.boolean(),
  fates: fc.uniqueArray(fc.tuple(person, fate), {
    maxLength: 6,
    selector: ([who]) => who,
  }),
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
});
