/** Without percent-encoding, where that can be told. */
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
