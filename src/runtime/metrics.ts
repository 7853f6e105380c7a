import { collectDefaultMetrics, Registry } from "prom-client";

/** What a scrape is answered with. */
export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

/** A registry of its own, so that two parts in one process never share a counter; with Node's own metrics in it. */
export function createRegistry(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}

/** The registry as `/metrics` shows it. */
export function expositionOf(register: Registry): Exposition {
  return { contentType: register.contentType, text: () => register.metrics() };
}
