/** What a round of the endings test runs: a list, a relay and an end, all random. */
import fc from "fast-check";

/** Retries of each run (`--retries`): a recipient that is deferred more often is given up. */
export const RETRIES = 1;
/** Most mails under way on one connection by default. */
const LARGEST_WINDOW = 32;

/** Cells that are no address. */
const BAD_ADDRESSES = ["not an address", "", "a@", "@x.test", "two@x.test three@x.test", "née à@x"];
/** Kinds of recipients; those after the first two are fates that fates.ts knows. */
const RECIPIENTS = [
  ...["sent", "too-large", "refused-rcpt", "refused-data", "refused-body", "refused-message"],
  ...["later1-rcpt", "later1-body", "later9-rcpt", "later9-body", "cut-taken", "cut-lost"],
] as const;

/** What a row of the list contains. */
export type Kind =
  | { readonly kind: "bad-address"; readonly address: string }
  | { readonly kind: "too-few-fields" | "empty-value" }
  | {
    readonly kind: "recipient";
    readonly fate: string;
    readonly suppressed: "by-file" | "by-list" | undefined;
  }
  /** The address of the recipient before it, in capitals; `of` counts through the recipients. */
  | { readonly kind: "duplicate"; readonly of: number };

/** How the first run ends. */
export type End =
  | { readonly kind: "done" }
  /** A signal when the relay has accepted this many mails. */
  | { readonly kind: "sigterm"; readonly after: number }
  | { readonly kind: "until"; readonly ms: number }
  | { readonly kind: "no-wait" }
  | { readonly kind: "limit"; readonly count: number }
  | { readonly kind: "offset"; readonly count: number }
  /** Every nth recipient is named. */
  | { readonly kind: "only"; readonly each: number }
  /** The relay refuses us, or its process ends, once it has accepted this many mails. */
  | { readonly kind: "refuses-us"; readonly after: number }
  | { readonly kind: "gone"; readonly after: number };

export interface Scenario {
  readonly rows: readonly Kind[];
  readonly end: End;
  /** A run to the end with a healthy relay follows. */
  readonly again: boolean;
  readonly connections: number;
  readonly chunking: boolean;
  /** `--window`; undefined: as the server allows. */
  readonly window: number | undefined;
  /** Longest pause before the first retry, in s. */
  readonly firstRetry: number;
  /** Before each answer of the relay. */
  readonly latencyMs: number;
}

/** A recipient that nothing suppresses. */
export const recipient = (fate: typeof RECIPIENTS[number]): Kind => ({
  kind: "recipient",
  fate,
  suppressed: undefined,
});

const kinds: fc.Arbitrary<Kind> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(recipient("sent")) },
  { weight: 8, arbitrary: fc.constantFrom(...RECIPIENTS).map(recipient) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...BAD_ADDRESSES)
      .map((address): Kind => ({ kind: "bad-address", address })),
  },
  fc.constantFrom("too-few-fields" as const, "empty-value" as const).map((kind): Kind => ({
    kind,
  })),
  { weight: 2, arbitrary: fc.nat(59).map((of): Kind => ({ kind: "duplicate", of })) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("recipient" as const),
      fate: fc.constantFrom("sent", "refused-rcpt"),
      suppressed: fc.constantFrom("by-file" as const, "by-list" as const),
    }),
  },
);

/**
 * Limits on some fates: each cut connection costs a pause, and ten refusals of the content in a row, for any recipients,
 * rightly end a run (promise 8).
 */
const MOST: readonly (readonly [fates: RegExp, most: number])[] = [
  [/^cut-/, 3],
  [/^refused-message$/, 4],
];

/** Turns rows over the limits into recipients that are simply sent. */
function limited(rows: readonly Kind[]): Kind[] {
  const seen = MOST.map(() => 0);
  return rows.map((row) => {
    if (row.kind !== "recipient") return row;
    const over = MOST.some(([fates, most], at) => fates.test(row.fate) && ++seen[at]! > most);
    return over ? { ...row, fate: "sent" } : row;
  });
}

const count = fc.integer({ min: 1, max: 30 });
const ends: fc.Arbitrary<End> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<End>({ kind: "done" }) },
  { weight: 2, arbitrary: count.map((after): End => ({ kind: "sigterm", after })) },
  fc.integer({ min: 900, max: 2_500 }).map((ms): End => ({ kind: "until", ms })),
  fc.constant<End>({ kind: "no-wait" }),
  count.map((count): End => ({ kind: "limit", count })),
  count.map((count): End => ({ kind: "offset", count })),
  fc.integer({ min: 1, max: 4 }).map((each): End => ({ kind: "only", each })),
  fc.nat(30).map((after): End => ({ kind: "refuses-us", after })),
  fc.nat(30).map((after): End => ({ kind: "gone", after })),
);

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  rows: fc.array(kinds, { minLength: 5, maxLength: 60, size: "max" }).map(limited),
  end: ends,
  again: fc.boolean(),
  connections: fc.integer({ min: 1, max: 5 }),
  chunking: fc.boolean(),
  window: fc.constantFrom(undefined, 1, 3),
  firstRetry: fc.constantFrom(0, 1),
  latencyMs: fc.constantFrom(0, 5, 20),
});

/** How many mails on one connection may be handed over when it is lost. */
export function mostUnderWay({ chunking, window }: Scenario): number {
  return chunking ? window ?? LARGEST_WINDOW : 1;
}
