import { type Fault, faulty, type Parsed, parsed } from "./parsed.ts";

/** Where an image is stored, both parts normalised: `docker.io` and `library/nginx`. */
export interface ImageName {
  readonly registry: string;
  readonly repository: string;
}

/** Characters in a normalised name, registry included; the CRDs allow as many in `image`. */
export const MAX_NAME_LENGTH = 255;

/** The longest name, ":", the longest tag, "@" and the longest digest. */
const MAX_REFERENCE_LENGTH = MAX_NAME_LENGTH + 1 + 128 + 1 + "sha512:".length + 128;

const HUB = "docker.io";
const HUB_ALIASES: ReadonlySet<string> = new Set(["index.docker.io", "registry-1.docker.io"]);
const HUB_OFFICIAL = "library/";
const HIGHEST_PORT = 65_535;

const HOST_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const REGISTRY = new RegExp(
  `^(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::([0-9]+))?$`,
);
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const PATH_COMPONENT = new RegExp(`^${COMPONENT}$`);
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const PATH_ALPHABET = /[^a-z0-9._-]/;

/** Whether a name's first path segment is a registry and no repository (the rule of distribution/reference). */
export function namesRegistry(segment: string): boolean {
  return segment === "localhost" || /[.:A-Z]/.test(segment);
}

/** Nearly all texts have these characters alone and need not be looked at more closely. */
const UNSUSPICIOUS = /^[A-Za-z0-9._/:@-]+$/;
const HEX_LENGTH = 64;

/** Mistakes in the text as a whole, told apart first because the grammar would blame the wrong character. */
export function textFault(text: string): Fault | undefined {
  const isShort = text.length <= MAX_REFERENCE_LENGTH && text.length !== HEX_LENGTH;
  if (isShort && UNSUSPICIOUS.test(text) && !text.includes("://")) return undefined;
  if (text.trim() === "")
    return { what: "the image is empty", fix: 'write one, such as "docker.io/library/nginx"' };
  if (text.length > MAX_REFERENCE_LENGTH) {
    const what = `the image has ${text.length} characters, more than ${MAX_REFERENCE_LENGTH}`;
    return { what, fix: "use a shorter repository path" };
  }
  if (text !== text.trim()) {
    return {
      what: "there is white space around the image",
      fix: `write ${JSON.stringify(text.trim())}`,
    };
  }
  const space = text.search(/\s/);
  if (space !== -1)
    return { what: "there is white space in the image", fix: "remove it", offset: space };
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text)?.[0];
  if (scheme !== undefined) {
    const rest = text.slice(scheme.length).replace(/\/$/, "");
    return {
      what: `an image has no scheme such as ${JSON.stringify(scheme)}`,
      fix: `write ${JSON.stringify(rest)}`,
      offset: 0,
    };
  }
  if (!/^[a-f0-9]{64}$/.test(text)) return undefined;
  return {
    what: "the image is 64 hexadecimal digits, which is an image ID or a digest and names no repository",
    fix: `write the repository, and the digest as "sha256:${text}"`,
  };
}

/** Reads `[registry/]repository`, at most 520 characters without white space, and fills in Docker Hub. */
export function parseName(text: string): Parsed<ImageName> {
  const slash = text.indexOf("/");
  const named = slash !== -1 && namesRegistry(text.slice(0, slash));
  const written = named ? text.slice(0, slash) : HUB;
  const pathAt = named ? slash + 1 : 0;
  const fault = (named ? registryFault(written) : undefined) ?? pathFault(text, pathAt);
  if (fault !== undefined) return { ok: false, fault };

  const name = normalised(written, text.slice(pathAt));
  const length = name.registry.length + 1 + name.repository.length;
  if (length > MAX_NAME_LENGTH) {
    return faulty(
      `the name has ${length} characters with its registry, more than ${MAX_NAME_LENGTH}`,
      "use a shorter repository path",
    );
  }
  return parsed(name);
}

function normalised(registry: string, path: string): ImageName {
  if (registry !== HUB && !HUB_ALIASES.has(registry)) return { registry, repository: path };
  return { registry: HUB, repository: path.includes("/") ? path : HUB_OFFICIAL + path };
}

function registryFault(registry: string): Fault | undefined {
  const match = REGISTRY.exec(registry);
  if (match === null) {
    return {
      what: `the registry ${JSON.stringify(registry)} is no host name`,
      fix: 'write a host with an optional port, such as "registry.example.com:5000" or "[2001:db8::1]:5000"',
      offset: 0,
    };
  }
  const [, port] = match;
  if (port === undefined || (Number(port) >= 1 && Number(port) <= HIGHEST_PORT)) return undefined;
  return {
    what: `the registry's port ${port} does not exist`,
    fix: `write a port from 1 to ${HIGHEST_PORT}`,
    offset: registry.length - port.length,
  };
}

function pathFault(text: string, pathAt: number): Fault | undefined {
  const path = text.slice(pathAt);
  if (PATH.test(path)) return undefined;
  let offset = pathAt;
  for (const component of path.split("/")) {
    const fault = componentFault(component, { text, pathAt, offset });
    if (fault !== undefined) return fault;
    offset += component.length + 1;
  }
  return undefined;
}

interface Place {
  readonly text: string;
  readonly pathAt: number;
  readonly offset: number;
}

function componentFault(component: string, place: Place): Fault | undefined {
  if (PATH_COMPONENT.test(component)) return undefined;
  if (component === "") return emptyComponent(place);

  const strange = PATH_ALPHABET.exec(component);
  if (strange === null) {
    return {
      what: `the part ${JSON.stringify(component)} begins, ends or joins its words with a separator that is not allowed there`,
      fix: 'put one ".", "_" or "__", or any number of "-", between letters or digits',
      offset: place.offset,
    };
  }
  const offset = place.offset + strange.index;
  if (/[A-Z]/.test(strange[0])) return { ...upperCase(place), offset };
  return {
    what: `a repository cannot contain ${JSON.stringify(characterAt(component, strange.index))}`,
    fix: 'use lower-case letters a-z, digits, and ".", "_" or "-" between them',
    offset,
  };
}

function upperCase({ text, pathAt }: Place): Fault {
  const corrected = text.slice(0, pathAt) + text.slice(pathAt).toLowerCase();
  return {
    what: "a repository is written in lower-case letters",
    fix: `write ${JSON.stringify(corrected)}`,
  };
}

function emptyComponent({ text, pathAt, offset }: Place): Fault {
  const path = text
    .slice(pathAt)
    .split("/")
    .filter((part) => part !== "")
    .join("/");
  if (path === "") {
    return {
      what: "the repository is missing",
      fix: 'write registry and repository, such as "docker.io/library/nginx"',
      offset,
    };
  }
  return {
    what: "a part of the repository between slashes is empty",
    fix: `leave out the extra slash: write ${JSON.stringify(text.slice(0, pathAt) + path)}`,
    offset,
  };
}

/** The whole character at an index: half of a surrogate pair would print as a question mark. */
function characterAt(text: string, index: number): string {
  return String.fromCodePoint(text.codePointAt(index) ?? 0);
}
