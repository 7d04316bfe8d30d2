import assert from 'node:assert/strict';
import { apiError } from '../../../../src/api/api-error.ts';
import type { KubernetesObject } from '../../../../src/api/meta.ts';
import type { Resource } from '../../../../src/api/resource.ts';
import { networks } from '../../../../src/api/generated/resources.ts';
import { applyObject } from '../../../../src/cli/init/apply-object.ts';
import type { ClusterApi } from '../../../../src/runtime/cluster-api.ts';

const resource = networks as unknown as Resource<KubernetesObject>;
const network = (mtu: string): KubernetesObject => {
  const spec = { config: { 'bridge.mtu': mtu } };
  const object = {
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'Network',
    metadata: { name: 'musterbr0' },
    spec,
  };
  return object;
};

/** A cluster with this object in it, or one that makes it between the look and the creation. */
function start({ stored, made }: { stored?: KubernetesObject; made?: KubernetesObject }) {
  let current = stored;
  const clusterApi = {
    get: () => Promise.resolve(current),
    create(_resource: unknown, object: KubernetesObject) {
      if (made !== undefined && current === undefined) {
        current = made;
        return Promise.reject(apiError('AlreadyExists', 'networks.muster.dev "musterbr0" already exists'));
      }
      current = object;
      return Promise.resolve(object);
    },
    mergePatch(_resource: unknown, _name: unknown, patch: object) {
      current = { ...(current as KubernetesObject), ...patch };
      return Promise.resolve(current);
    },
  };
  return {
    apply: (object: KubernetesObject) =>
      applyObject(clusterApi as unknown as ClusterApi, resource, object, AbortSignal.timeout(5_000)),
    current: () => current,
  };
}

describe('cli/init/apply-object', () => {
  for (const [what, there, want] of [
    ['creates what is missing', {}, 'created'],
    ['changes what is there', { stored: network('9000') }, 'changed'],
    ['leaves what is as it should be', { stored: network('1500') }, 'unchanged'],
    ['changes what the cluster makes at the same time', { made: network('9000') }, 'changed'],
  ] as const) {
    it(what, async () => {
      const { apply, current } = start(there);
      assert.equal(await apply(network('1500')), want);
      assert.deepEqual(current(), network('1500'));
    });
  }
});
