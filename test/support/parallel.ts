/** Works through a list with a few workers, each taking the next when it is done. */
export async function inParallel<T>(
  items: readonly T[],
  workers: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  async function takeAll(): Promise<void> {
    for (const item of queue) await work(item);
  }
  await Promise.all(Array.from({ length: workers }, takeAll));
}
