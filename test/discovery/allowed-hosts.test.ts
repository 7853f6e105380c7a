import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAllowedHosts } from "../../src/api/allowed-hosts.ts";
import { addressRefusal } from "../../src/discovery/logins/allowed-hosts.ts";

const listed = [
  ["ghcr.io", "https://ghcr.io/v2/", true],
  ["ghcr.io", "https://ghcr.io.evil.example/v2/", false],
  ["ghcr.io", "https://evil-ghcr.io/v2/", false],
  ["GHCR.io", "https://ghcr.IO./v2/", true],
  ["*.example.com", "https://registry.example.com/", true],
  ["*.example.com", "https://example.com/", false],
  ["a.io, b.io\n c.io", "https://c.io/", true],
  ["prometheus.monitoring.svc:9090", "http://prometheus.monitoring.svc:9090/", true],
  ["prometheus.monitoring.svc:9090", "http://prometheus.monitoring.svc/", false],
  ["a.io:443", "https://a.io/", true],
  ["a.io:80", "https://a.io/", false],
  ["10.0.0.0/8", "http://10.1.2.3:5000/", true],
  ["10.0.0.0/8", "http://11.1.2.3:5000/", false],
  ["[::1]:5000", "http://[::1]:5000/", true],
  ["docker.io", "https://auth.docker.io/token", true],
  ["docker.io", "https://registry-1.docker.io/v2/", true],
  ["registry-1.docker.io", "https://auth.docker.io/token", false],
  ["", "https://a.io/", false],
] as const;

for (const [text, url, allowed] of listed) {
  test(`"${text.replace("\n", "\\n")}" ${allowed ? "allows" : "does not allow"} ${url}`, () => {
    const allows = parseAllowedHosts(text);
    assert.ok(allows.ok);
    assert.equal(allows.value(new URL(url)), allowed);
  });
}

const url = new URL("https://ghcr.io/v2/");

test("an annotation that cannot be read lets the Secret go nowhere", () => {
  for (const text of ["https://ghcr.io", "ghcr.io/team", "a b/c", "*"]) {
    const refusal = addressRefusal({ allowedHosts: text }, "creds")(url);
    assert.match(refusal?.message ?? "", /creds cannot be read: .*is no host/, text);
  }
});

test("a Secret that must say its hosts and does not is refused with the annotation to write", () => {
  const refusal = addressRefusal({ needsAllowedHosts: true }, "creds")(url);
  assert.equal(refusal?.reason, "SecretUnusable");
  assert.equal(refusal?.fix, "annotate it with drop.corewire.io/allowed-hosts: ghcr.io");
  assert.equal(addressRefusal({}, "creds")(url), undefined);
});
