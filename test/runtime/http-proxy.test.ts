import assert from "node:assert/strict";
import { test } from "node:test";
import { proxyFor } from "../../src/runtime/http-proxy.ts";

const proxies = {
  httpProxy: "http://plain.example:3128",
  httpsProxy: "secure.example:3129",
  noProxy:
    "internal.example, .corp.example,*.wild.example  10.0.0.0/8,port.example:8443,[fd00::1]:5000",
};

const routes = [
  ["http://registry.example/", "plain.example:3128"],
  ["https://registry.example/", "secure.example:3129"],
  ["http://internal.example/", "direct"],
  ["http://sub.internal.example/", "direct"],
  ["http://notinternal.example/", "plain.example:3128"],
  ["http://INTERNAL.example./", "direct"],
  ["http://corp.example/", "direct"],
  ["http://a.corp.example/", "direct"],
  ["http://wild.example/", "plain.example:3128"],
  ["http://a.wild.example/", "direct"],
  ["http://10.2.3.4/", "direct"],
  ["http://11.2.3.4/", "plain.example:3128"],
  ["https://port.example:8443/", "direct"],
  ["https://port.example/", "secure.example:3129"],
  ["http://[fd00::1]:5000/", "direct"],
  ["http://[fd00::1]:5001/", "plain.example:3128"],
  ["http://127.0.0.1:9090/", "direct"],
  ["http://[::1]:9090/", "direct"],
  ["http://localhost:9090/", "direct"],
  ["http://prometheus.localhost/", "direct"],
] as const;

for (const [url, route] of routes) {
  test(`${url} is asked ${route === "direct" ? "directly" : `through ${route}`}`, () => {
    assert.equal(proxyFor(new URL(url), proxies)?.host ?? "direct", route);
  });
}

test("https does not go through the proxy for http", () => {
  const url = new URL("https://registry.example/");
  assert.equal(proxyFor(url, { httpProxy: "http://plain.example:3128" }), undefined);
});

test("a star exempts every host", () => {
  assert.equal(proxyFor(new URL("http://a.example/"), { ...proxies, noProxy: "a, *" }), undefined);
});

for (const httpProxy of ["socks5://proxy.example:1080", "http://", "http://a b/"]) {
  test(`${httpProxy} is no address of a proxy`, () => {
    assert.throws(() => proxyFor(new URL("http://a.example/"), { httpProxy }), {
      reason: "EndpointRefused",
      fix: /http:\/\/host:port/,
    });
  });
}
