import type { Ledger } from "../../ledger/ledger.ts";
import type { Missing } from "../../ledger/returning.ts";
import type { Recorder } from "../../ledger/recorder.ts";
import type { SendingList } from "../../list/file/sending_list.ts";
import type { BadRow, Columns, Job, Recipient } from "../../model/recipient.ts";
import type { Stop } from "../../model/stop.ts";
import type { Tally } from "../../model/tally.ts";
import type { Suppressing } from "../../suppression/suppression_files.ts";
import type { Channel } from "../channel.ts";
import type { RelayDoubts } from "./relay_doubts.ts";
import type { Reserve } from "./reserve.ts";
import type { ReturningRecipients } from "./returning_recipients.ts";
import type { Selection } from "./selection.ts";

/** Everything that the producer works with. */
export interface ProducerContext {
  readonly list: SendingList;
  readonly columns: Columns;
  /** The list's name in messages. */
  readonly listName: string;
  readonly required: readonly number[];
  /** Those who get a copy of a recipient's mail, or why the row is invalid; undefined: nobody gets any. */
  readonly copies?: ((recipient: Recipient) => readonly Recipient[] | BadRow) | undefined;
  readonly selection: Selection;
  readonly returns: ReturningRecipients;
  readonly suppression: Suppressing;
  /** Returns why no mail can be made for the recipient; undefined: one can. */
  readonly unmailable: (recipient: Recipient) => string | undefined;
  /** Every row up to this line is in the ledger. */
  readonly resumeAfterLine: number;
  readonly recorder: Recorder;
  readonly tally: () => Promise<Tally>;
  /** Records what the run finds about its condition. */
  readonly noteChoice: Ledger["noteChoice"];
  readonly channel: Channel<Job>;
  /** Rows claimed at a time. */
  readonly claimSize: number;
  readonly stop: Stop;
  /** Whether to wait for deferred recipients until they are settled. */
  readonly wait: boolean;
  /** Whether the relays' refusals may be about us. */
  readonly doubts: RelayDoubts;
  readonly reserve: Reserve;
  /** Whether to skip waiting recipients who are not in the list; otherwise they wait for a list that has them. */
  readonly dropMissing: boolean;
  /** Called with the next due time when only recipients with later due times are left, and with undefined when that ends. */
  readonly onWaiting: (until: number | undefined) => void;
  /** Called with the keys of recipients that the user named but the list lacks. */
  readonly onNotFound: (keys: readonly string[]) => void;
  /** Called with waiting recipients who are not in the list. */
  readonly onMissing: (missing: Missing) => void;
}
