/** Works on items, a few at a time, and gives the results in the items' order; the first error ends it. */
export async function mapBounded<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  async function takeAll(): Promise<void> {
    for (const [index, item] of queue) results.set(index, await work(item, index));
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, takeAll));
  return Array.from(results)
    .sort(([a], [b]) => a - b)
    .map(([, result]) => result);
}
