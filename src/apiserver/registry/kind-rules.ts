import type { ServedKind } from '../schema/served-kind.ts';
import type { KindRules } from './resource-kind.ts';

const needRevision = new Set(['events', 'leases', 'customresourcedefinitions']);
const created = new Set(['clusterrolebindings', 'clusterroles', 'leases', 'rolebindings', 'roles']);

/** What a PUT may do without knowing the stored object, kind by kind as in Kubernetes. */
export function rulesOf({ builtIn, plural }: ServedKind): KindRules {
  return {
    canUpdateUnconditionally: builtIn && !needRevision.has(plural),
    canCreateOnUpdate: builtIn && created.has(plural),
  };
}
