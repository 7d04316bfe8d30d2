/** A kind with every type of list and map, in two versions, for tests of server-side apply. */
export const applyDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Widget', plural: 'widgets' },
    scope: 'Namespaced',
    versions: [buildVersion('v1', true), buildVersion('v2', false)],
  },
};

function buildVersion(name: string, storage: boolean): object {
  const text = { type: 'string' };
  const port = {
    type: 'object',
    required: ['name'],
    properties: { name: text, proto: { ...text, default: 'TCP' }, port: { type: 'integer' } },
  };
  const condition = { type: 'object', required: ['type'], properties: { type: text, status: text } };
  const keyed = (items: object, ...keys: string[]): object => ({
    ...{ type: 'array', items, 'x-kubernetes-list-type': 'map' },
    'x-kubernetes-list-map-keys': keys,
  });
  const spec = {
    type: 'object',
    properties: {
      tier: { ...text, maxLength: 10 },
      replicas: { type: 'integer', default: 1 },
      ports: keyed(port, 'name', 'proto'),
      tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
      zone: text,
    },
  };
  const status = {
    type: 'object',
    properties: { phase: text, replicas: { type: 'integer' }, conditions: keyed(condition, 'type') },
  };
  return {
    ...{ name, storage, served: true },
    schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
    },
  };
}
