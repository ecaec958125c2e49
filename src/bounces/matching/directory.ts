import { VerpKey } from "../../compose/unsubscribe/verp.ts";
import type { BounceRecord, Mailed } from "../../ledger/bounce_record.ts";
import type { Directory } from "./match.ts";

/** A ledger as the directory of its recipients. */
export function directoryOf(record: BounceRecord): Directory {
  return {
    hasCopies: record.hasCopies,
    byMailbox: (mailbox) => record.byMailbox(mailbox),
    byTokens: (tokens) => record.byTokens(tokens),
    async byPathTokens(tokens, likely) {
      const secret = record.verpSecret;
      if (secret === undefined || tokens.length === 0) return new Map();
      const key = new VerpKey(secret);
      const wanted = new Set(tokens);
      const found = new Map<string, Mailed>();
      for (const row of likely) {
        const token = row.token === undefined ? "" : key.tokenOf(row.token);
        if (wanted.has(token)) found.set(token, row);
      }
      // Usually the report names the recipient or returns the Message-ID; for the other tokens, the ledger is read once.
      const others = [...wanted].filter((token) => !found.has(token));
      const rest = await record.byDerivedTokens(others, (token) => key.tokenOf(token));
      return new Map([...found, ...rest]);
    },
  };
}
