import type { TokenSecret } from "../compose/unsubscribe/unsubscribe_token.ts";
import type { SuppressionSource } from "../suppression/suppression.ts";
import type { SuppressionList } from "../suppression/suppression_list.ts";
import type { ReceptionLimits } from "./reception.ts";

/** Somebody who has left, and is on the list. */
export interface Left {
  readonly key: string;
  readonly campaign: string;
  readonly source: SuppressionSource;
}

export interface ServerOptions {
  /** Port 0 lets the system choose one. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Where it is reached from outside; links may come with its path or, behind a proxy that takes it off, without. */
  readonly baseUrl: string;
  readonly secret: TokenSecret;
  readonly list: SuppressionList;
  /** Whose mails they are, for the page. */
  readonly sender: string | undefined;
  /** Reverse proxies of our own in front. */
  readonly proxies: number;
  /** Replace the limits that suit a server. */
  readonly limits?: Partial<ReceptionLimits>;
}

/** Told of what happens, as it happens. */
export interface ServerEvents {
  readonly onListen?: (address: { readonly hostname: string; readonly port: number }) => void;
  readonly onLeft?: (left: Left) => void;
  /** A request that failed through no fault of its own; it got 503. */
  readonly onFault?: (error: unknown) => void;
}
