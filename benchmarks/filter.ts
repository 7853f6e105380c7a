/** Run by itself: filters, orders and cuts a million tags as discovery does; prints the seconds that took. */
import { tagRanker } from "../src/discovery/registry/candidates.ts";
import { manyTags } from "./tags.ts";

const tags = [...manyTags(1_000_000)];
const source = {
  url: "https://registry.example.com",
  repositories: ["team/app"],
  tagFilter: "^v?[0-9]+\\.[0-9]+\\.[0-9]+",
  topX: 20,
};
const began = performance.now();
const { candidates } = tagRanker(source, "registry.example.com")("team/app", tags);
const took = (performance.now() - began) / 1000;
if (candidates.length !== source.topX) throw new Error(`${candidates.length} tags were kept`);
process.stdout.write(`${took}\n`);
