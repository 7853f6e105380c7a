import { isAbsolute, relative, resolve, sep } from "node:path";

/** What problems in standard input show as their file. */
export const STDIN = "-";

/** A file as services for CI know it: relative to the working directory, outside of it absolute, always with `/`. */
export function reportedPath(file: string, folder: string): string {
  if (file === STDIN) return STDIN;
  const absolute = resolve(folder, file);
  const way = relative(folder, absolute);
  const isInside = way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  return (isInside ? way : absolute).replaceAll(sep, "/");
}

/** The URI of such a path; a relative one stays relative. */
export function reportedUri(path: string): string {
  const encoded = path.toWellFormed().split("/").map(encodeURIComponent).join("/");
  if (!isAbsolute(path)) return encoded;
  return encoded.startsWith("/") ? `file://${encoded}` : `file:///${encoded}`;
}
