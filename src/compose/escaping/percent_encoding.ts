/** A text without percent-encoding; unchanged if it is not valid. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A value as part of a URL. */
export function percentEncoded(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}
