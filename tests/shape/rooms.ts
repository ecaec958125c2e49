/** The rooms of the source, from the command line down to the domain's types. An import points to the same room or further down. */
export const ROOMS: readonly (readonly string[])[] = [
  ["main"],
  ["cli"],
  ["campaign"],
  ["report"],
  ["check", "preview", "bounces", "unsubscribe", "sandbox"],
  ["pipeline"],
  ["policy"],
  ["suppression"],
  ["list"],
  ["compose"],
  ["smtp"],
  ["ledger"],
  ["sqlite"],
  ["keys"],
  ["files"],
  ["text"],
  ["time"],
  ["model"],
];

/** `src/smtp/wire/reply_parser.ts` -> "smtp", `src/main.ts` -> "main". */
export function roomOf(path: string): string {
  return path.split("/")[1]?.replace(/\.ts$/, "") ?? "";
}

/** The line of a room in the list, counted from 0 at the top; -1: it is not a room. */
export function lineOf(room: string): number {
  return ROOMS.findIndex((line) => line.includes(room));
}

/** Whether a file of the room `user` may import a file of the room `used`, for types as well as values. */
export function mayImport(user: string, used: string): boolean {
  return user === used || lineOf(used) > lineOf(user);
}
