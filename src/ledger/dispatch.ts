import type { AttachedFile } from "../model/mail.ts";

/** Which mail was offered to which relay, both empty if none was; part of every change that the consumers report. */
export interface Dispatch {
  readonly id: number;
  readonly relay: string;
  readonly messageId: string;
}

/** What is recorded of a mail before its final dot. */
export interface HandOver extends Dispatch {
  /** In bytes. */
  readonly size: number;
  readonly attachments?: readonly AttachedFile[] | undefined;
}
