import type { CampaignFacts } from "../ledger.ts";
import type { SqliteStore } from "./store.ts";

/** The columns of the list from a revision on, until the next entry. */
interface ColumnsSince {
  readonly revision: number;
  readonly names: readonly string[];
}

/** Records the column names for rows entered from this revision on; call it inside a transaction. */
export function noteColumns(
  store: SqliteStore,
  revision: number,
  { before, now }: { readonly before: CampaignFacts | undefined; readonly now: CampaignFacts },
): void {
  const first: ColumnsSince[] = before === undefined
    ? []
    : [{ revision: 1, names: before.columns }];
  const noted = store.fact("columns") as readonly ColumnsSince[] | undefined ?? first;
  if (sameNames(noted.at(-1)?.names, now.columns)) return;
  store.setFact("columns", [...noted, { revision, names: now.columns }]);
}

/** A row as it is stored. */
interface StoredCells {
  readonly revision: number;
  readonly address: string;
  readonly fields: readonly string[];
}

/**
 * Maps the cells of a row to the columns of the current list, by name. A recipient who was only in an earlier list has
 * cells in that list's order; columns that it lacked are empty, except for the address.
 */
export function cellsByPresentColumns(
  store: SqliteStore,
): (row: StoredCells) => readonly string[] {
  const facts = store.fact("campaign") as CampaignFacts | undefined;
  const noted = store.fact("columns") as readonly ColumnsSince[] | undefined ?? [];
  const present = facts?.columns ?? [];
  if (noted.length < 2) return ({ fields }) => fields;
  return ({ revision, address, fields }) => {
    const names = noted.findLast((since) => since.revision <= revision)?.names ?? present;
    if (sameNames(names, present)) return fields;
    const cells = present.map((name, at) => {
      const place = names.indexOf(name);
      if (place >= 0) return fields[place] ?? "";
      return at === facts?.scan?.columns.email ? address : "";
    });
    // Surplus values, for which the row was refused.
    return [...cells, ...fields.slice(names.length)];
  };
}

function sameNames(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((name, at) => name === b[at]);
}
