import { setFlagsFromString } from "node:v8";

/** Flags that V8 reads whenever the heap could grow; its limits it reads only when a process starts. */
const FLAGS = [
  // The young generation stays as small as it is at the start: loading would make it 10 MiB larger for good.
  "--semi-space-growth-factor=1",
  // Of what is left after a full collection half is added, not three times as much.
  "--heap-growing-percent=50",
];

/** Keeps V8 from taking memory while a process loads that it does not need afterwards. */
export function keepHeapSmall(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}

/** Lets the young generation grow from now on, with what is really asked for: collecting it takes less time then. */
export function letYoungGenerationGrow(): void {
  setFlagsFromString("--semi-space-growth-factor=2");
}
