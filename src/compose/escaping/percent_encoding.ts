/** Decodes percent-encoding; returns the text unchanged if it is not valid. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Encodes a value as part of a URL. */
export function percentEncoded(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}
