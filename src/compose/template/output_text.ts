import { Drop } from "liquidjs";

/** A value as Liquid puts it out. */
export function outputText(value: unknown): string {
  if (typeof value === "string") return value;
  const plain: unknown = value instanceof Drop ? value.valueOf() : value;
  if (plain === undefined || plain === null) return "";
  return Array.isArray(plain) ? plain.map(outputText).join("") : String(plain);
}
