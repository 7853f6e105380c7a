/** What a rule against image volumes refuses, and Pod Security does not. */
export const volumePod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace: "drop-pulls", name: "dry" },
  spec: {
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: "a",
        image: "a",
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
    volumes: [{ name: "a", image: { reference: "a" } }],
  },
};

/** A rule of a cluster that keeps image volumes out. */
export const noImageVolumes = [
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "no-image-volumes" },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [
          { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
        ],
      },
      validations: [
        {
          expression: "!has(object.spec.volumes) || !object.spec.volumes.exists(v, has(v.image))",
          message: "no image volumes here",
        },
      ],
    },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: "no-image-volumes" },
    spec: { policyName: "no-image-volumes", validationActions: ["Deny"] },
  },
];

/** A quota that leaves no room for a pull Pod. */
export const quota = {
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { namespace: "drop-pulls", name: "none" },
  spec: { hard: { pods: "0" } },
};
