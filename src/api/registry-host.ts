/** Docker Hub's API is at another host than the names of its images say. */
export const HUB_API = "registry-1.docker.io";

const HUB_HOSTS: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", HUB_API]);

/** Whether a host, without a port, is one of Docker Hub's names. */
export function isHubHost(hostname: string): boolean {
  return HUB_HOSTS.has(hostname);
}

/** Where the API of the registry at a URL is: of Docker Hub at another host, of any other where the URL says. */
export function registryApi(url: URL): URL {
  const api = new URL(url.pathname.replace(/\/+$/, "") || "/", url);
  if (isHubHost(url.hostname)) api.hostname = HUB_API;
  return api;
}
