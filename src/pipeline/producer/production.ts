import type { Missing } from "../../ledger/ledger.ts";
import type { Recorder } from "../../ledger/recorder.ts";
import type { SendingList } from "../../list/file/sending_list.ts";
import type { Columns, Job } from "../../model/recipient.ts";
import type { Stop } from "../../model/stop.ts";
import type { Tally } from "../../model/tally.ts";
import type { Suppressing } from "../../suppression/suppression_files.ts";
import type { Channel } from "../channel.ts";
import type { Doubts } from "./doubts.ts";
import type { Reserve } from "./reserve.ts";
import type { Returns } from "./returns.ts";
import type { Selection } from "./selection.ts";

/** What the producer works with. */
export interface Production {
  readonly list: SendingList;
  readonly columns: Columns;
  /** What messages call the list. */
  readonly listName: string;
  readonly required: readonly number[];
  readonly selection: Selection;
  readonly returns: Returns;
  readonly suppression: Suppressing;
  /** Every row up to this line is in the ledger. */
  readonly resumeAfterLine: number;
  readonly recorder: Recorder;
  readonly tally: () => Promise<Tally>;
  readonly channel: Channel<Job>;
  /** Rows claimed at a time. */
  readonly claimSize: number;
  readonly stop: Stop;
  /** Wait for deferred recipients until they are settled. */
  readonly wait: boolean;
  /** What the relays' refusals leave undecided. */
  readonly doubts: Doubts;
  readonly reserve: Reserve;
  /** Skip waiting recipients who are not in the list; otherwise they wait for a list that has them. */
  readonly dropMissing: boolean;
  /** Called when only recipients with a later due time are left; undefined: no longer so. */
  readonly onWaiting: (until: number | undefined) => void;
  /** Called with recipients named by the user who are not in the list. */
  readonly onUnmet: (keys: readonly string[]) => void;
  /** Called with waiting recipients who are not in the list. */
  readonly onMissing: (missing: Missing) => void;
}
