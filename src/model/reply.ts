/** A reply of RFC 5321, 4.2, all its lines. */
export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** RFC 3463 status such as "5.1.1", where the text begins with one. */
  readonly enhanced: string | undefined;
  /**
   * The lines' texts without code and enhanced code, joined by one space; as the server sent it but for our secrets, not
   * escaped for a terminal.
   */
  readonly text: string;
  /**
   * The text of each line, without the code (enhanced code kept): what EHLO's and AUTH's readers need. As it came, secrets
   * too, unless it is a refusal.
   */
  readonly lines: readonly string[];
}

/** 2yz: done. */
export function positive(reply: Reply): boolean {
  return reply.code < 300;
}

/** 4yz or 5yz: no, for now or for good. The first digit decides, also for codes nobody has heard of (4.2.1). */
export function negative(reply: Reply): boolean {
  return reply.code >= 400;
}

/** The reply as one line: "550 5.1.1 No such user". */
export function replyLine(reply: Reply): string {
  return [reply.code, reply.enhanced, reply.text].filter((part) =>
    part !== undefined && part !== ""
  )
    .join(" ");
}
