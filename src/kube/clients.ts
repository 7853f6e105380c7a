import {
  type ConfigurationOptions,
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  Observable,
  PatchStrategy,
  setHeaderOptions,
} from "@kubernetes/client-node";

// By name: `import()` of the package itself would keep all of it in one piece.
export { PatchStrategy, setHeaderOptions };

/** client-node's own clients. */
export interface KubeClients {
  /** Namespaced objects of Kubernetes' core, Secrets among them. */
  readonly core: CoreV1Api;
  readonly customObjects: CustomObjectsApi;
  /** Options that let a signal end one call. */
  abortable(signal: AbortSignal): ConfigurationOptions;
}

export function clientsFor(config: KubeConfig): KubeClients {
  return {
    core: config.makeApiClient(CoreV1Api),
    customObjects: config.makeApiClient(CustomObjectsApi),
    abortable: (signal) => ({
      middlewareMergeStrategy: "append",
      middleware: [
        {
          pre(context) {
            context.setSignal(signal);
            return new Observable(Promise.resolve(context));
          },
          post: (context) => new Observable(Promise.resolve(context)),
        },
      ],
    }),
  };
}
