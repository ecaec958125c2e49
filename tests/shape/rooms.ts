/** The rooms of the source, from the command line down to the domain's words. An import points to the same room, or further down. */
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

/** The number of the line that a room stands on, counted from 0 at the top; -1: it is none of the rooms. */
export function lineOf(room: string): number {
  return ROOMS.findIndex((line) => line.includes(room));
}

/** Whether a file of the room `user` may import one of the room `used`: types as well as values. */
export function mayImport(user: string, used: string): boolean {
  return user === used || lineOf(used) > lineOf(user);
}
