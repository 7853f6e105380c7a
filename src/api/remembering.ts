/** How many texts are kept, and up to which length, in UTF-16 code units. */
interface Room {
  readonly texts: number;
  readonly length: number;
}

/** Some 2 MiB when every text is as long as it may be. */
const ROOM: Room = { texts: 512, length: 2_048 };

/**
 * A pure function of a text that keeps its latest answers: an API server asks twice about each object that is written,
 * and GitOps tools write the same ones over and over. What is kept is bounded, whoever sends what; longer texts are
 * judged each time. The answers should be small.
 */
export function remembering<T>(judge: (text: string) => T, room = ROOM): (text: string) => T {
  // A Map keeps the order of insertion: what was asked for the longest time ago comes first.
  const known = new Map<string, { readonly answer: T }>();
  return (text) => {
    const kept = known.get(text);
    if (kept !== undefined) {
      known.delete(text);
      known.set(text, kept);
      return kept.answer;
    }
    const answer = judge(text);
    if (text.length > room.length) return answer;
    known.set(text, { answer });
    if (known.size > room.texts) known.delete(known.keys().next().value ?? "");
    return answer;
  };
}
