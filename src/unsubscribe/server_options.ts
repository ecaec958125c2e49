import type { TokenSecret } from "../compose/unsubscribe/unsubscribe_token.ts";
import type { SuppressionSource } from "../suppression/suppression.ts";
import type { SuppressionList } from "../suppression/suppression_list.ts";
import type { ReceptionLimits } from "./reception.ts";

/** Somebody who has unsubscribed, and is on the list. */
export interface Unsubscribed {
  readonly key: string;
  readonly campaign: string;
  readonly source: SuppressionSource;
}

export interface ServerOptions {
  /** Port 0 lets the system choose one. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** The public address; links can arrive with its path or, behind a proxy that removes it, without. */
  readonly baseUrl: string;
  readonly secret: TokenSecret;
  readonly list: SuppressionList;
  /** The name of the sender, shown on the page. */
  readonly sender: string | undefined;
  /** How many reverse proxies of our own are in front. */
  readonly proxies: number;
  /** Replaces the default limits. */
  readonly limits?: Partial<ReceptionLimits>;
}

/** Called as things happen. */
export interface ServerEvents {
  readonly onListen?: (address: { readonly hostname: string; readonly port: number }) => void;
  readonly onLeft?: (left: Unsubscribed) => void;
  /** A valid request failed, and got status 503. */
  readonly onFault?: (error: unknown) => void;
}
