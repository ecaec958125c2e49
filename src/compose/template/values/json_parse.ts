import { type Context, toValue } from "liquidjs";
import { isBlank } from "../../../text/blank.ts";
import { quote } from "../../../text/quote.ts";

/**
 * The filter `json_parse`: the value of a cell that holds JSON. A blank cell has none, and is `nil`.
 *
 * @throws {Error} If the cell is not JSON: to take it for an empty value would choose other recipients than the author meant.
 */
export function jsonParse(this: { readonly context: Context }, given: unknown): unknown {
  const value: unknown = toValue(given);
  if (typeof value !== "string") return value;
  if (isBlank(value)) return null;
  this.context.memoryLimit.use(value.length);
  try {
    return JSON.parse(value);
  } catch {
    throw new Error(`'json_parse' needs JSON: found ${quote(value)}`);
  }
}
