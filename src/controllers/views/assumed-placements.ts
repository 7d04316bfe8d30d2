import type { Instance } from '../../api/generated/instance.ts';
import { keyOf } from '../../api/resource.ts';
import type { Informer } from '../../runtime/informer.ts';

/**
 * Placements that were decided but that the cache does not show yet. Without them, a burst of instances would
 * all see the same member as the emptiest.
 */
export interface AssumedPlacements {
  readonly assume: (key: string, member: string) => void;
  readonly forget: (key: string) => void;
  /** Where the instance is, or is about to be. */
  readonly memberOf: (instance: Instance) => string | undefined;
  readonly close: () => void;
}

export function createAssumedPlacements(instances: Pick<Informer<Instance>, 'subscribe'>): AssumedPlacements {
  const assumed = new Map<string, string>();
  const close = instances.subscribe(({ key, after }) => {
    if (after === undefined || after.status?.member !== undefined) assumed.delete(key);
  });
  return {
    assume: (key, member) => assumed.set(key, member),
    forget: (key) => assumed.delete(key),
    memberOf: (instance) => instance.status?.member ?? assumed.get(keyOf(instance)),
    close,
  };
}
