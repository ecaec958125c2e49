/** An SMTP reply with all its lines (RFC 5321, 4.2). */
export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** The RFC 3463 status, such as "5.1.1", if the text begins with one. */
  readonly enhanced: string | undefined;
  /**
   * The text of all lines without code and enhanced code, joined by spaces: as the server sent it, with our secrets
   * masked, and not escaped for a terminal.
   */
  readonly text: string;
  /**
   * The text of each line without the code (the enhanced code is kept), for the readers of EHLO and AUTH replies.
   * Secrets are masked only if the reply is a refusal.
   */
  readonly lines: readonly string[];
}

/** Returns whether the reply is 2yz, a completion. */
export function positive(reply: Reply): boolean {
  return reply.code < 300;
}

/** Returns whether the reply is 4yz or 5yz. Only the first digit counts, so unknown codes are covered (4.2.1). */
export function negative(reply: Reply): boolean {
  return reply.code >= 400;
}

/** Formats the reply as one line: "550 5.1.1 No such user". */
export function replyLine(reply: Pick<Reply, "code" | "enhanced" | "text">): string {
  return [reply.code, reply.enhanced, reply.text].filter((part) =>
    part !== undefined && part !== ""
  )
    .join(" ");
}
