import type { Recipient } from "../../../model/recipient.ts";
import type { SourcePlace } from "../../../model/input_error.ts";
import type { TemplateHeader } from "../../template/template.ts";
import type { AddressHeader } from "./address_header.ts";

/** A header that names somebody to whom the mail does not go: the envelope contains only the row's address. */
export interface OthersShown {
  readonly header: "To" | "Cc" | "Bcc";
  /** Its value as written, in one line. */
  readonly text: string;
  readonly place: SourcePlace;
  /** The recipient's own address is shown as well. */
  readonly showsRecipient: boolean;
  /** Everybody named there gets a copy; missing if nobody does. */
  readonly copied?: boolean;
}

/**
 * The To, Cc and Bcc headers that name others than the recipient. Without a recipient: those that certainly do in some mail.
 *
 * @param addresses The headers of addresses; without Bcc, which is not written.
 */
export function othersShown(
  headers: readonly TemplateHeader[],
  addresses: readonly AddressHeader[],
  recipient: Recipient | undefined,
): readonly OthersShown[] {
  const found: OthersShown[] = [];
  for (const header of ["To", "Cc", "Bcc"] as const) {
    const isIt = ({ name }: { readonly name: string }) =>
      name.toLowerCase() === header.toLowerCase();
    const written = headers.find(isIt);
    if (written === undefined || written.value.text.trim() === "") continue;
    const shown = addressesOf(addresses.find(isIt), recipient);
    const own = recipient?.address.toLowerCase();
    const others = shown?.filter((address) => address.toLowerCase() !== own);
    // A group without members shows only its name; a Cc that is empty or cannot be rendered for this row is not reported.
    if (others?.length === 0 && (shown!.length > 0 || header === "Cc")) continue;
    if (others === undefined && header === "To") continue;
    found.push({
      header,
      text: written.value.text.replaceAll(/\s+/g, " ").trim(),
      place: written.place,
      showsRecipient: shown !== undefined && others!.length < shown.length,
    });
  }
  return found;
}

/** The addresses in a header of one mail; undefined if they are not known. */
function addressesOf(
  header: AddressHeader | undefined,
  recipient: Recipient | undefined,
): readonly string[] | undefined {
  if (header === undefined) return undefined;
  if (recipient === undefined && !header.isConstant) return undefined;
  const anybody: Recipient = { kind: "recipient", key: "", line: 0, address: "", fields: [] };
  const rendered = header.render(recipient ?? anybody);
  return "kind" in rendered ? undefined : rendered.addresses;
}
