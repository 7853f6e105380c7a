import { isHubHost, registryApi } from "../../api/registry-host.ts";
import { SourceError } from "../source-error.ts";

/** A registry under the name that references use and at the address of its API. */
export interface RegistryAddress {
  /** `host[:port]` as the policy's url has it, which templates see as `.Registry`. */
  readonly host: string;
  /** The base of the API, without a slash at its end. */
  readonly api: URL;
  readonly isDockerHub: boolean;
}

const REPOSITORY =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** Reads a policy's `registry.url`; Docker Hub's API is at another host than its name says. */
export function registryAddress(text: string): RegistryAddress {
  const url = URL.parse(text);
  const host = /^[a-z]+:\/\/([^/]+)/i.exec(text)?.[1];
  if (url === null || host === undefined) {
    const message = "the registry's url is none that can be asked";
    const fix = 'write one such as "https://registry.example.com"';
    throw new SourceError({ reason: "EndpointRefused", message, fix });
  }
  return { host, api: registryApi(url), isDockerHub: isHubHost(url.hostname) };
}

/** Where a repository's tags are listed; official images of Docker Hub are in `library/`. */
export function tagListUrl({ api, isDockerHub }: RegistryAddress, repository: string): URL {
  if (!REPOSITORY.test(repository)) {
    const message = "this is no name of a repository";
    const fix =
      'write it in lower-case letters and without registry and tag, such as "library/nginx"';
    throw new SourceError({ reason: "NotFound", message, fix });
  }
  const path = isDockerHub && !repository.includes("/") ? `library/${repository}` : repository;
  const url = new URL(api);
  url.pathname = `${api.pathname.replace(/\/$/, "")}/v2/${path}/tags/list`;
  return url;
}
