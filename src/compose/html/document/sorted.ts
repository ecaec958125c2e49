/** The index of the last of some sorted items that begins at or before a place; -1 if there is none. */
export function lastIndexAt<T>(
  items: readonly T[],
  beginOf: (item: T) => number,
  place: number,
): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (beginOf(items[middle]!) <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
