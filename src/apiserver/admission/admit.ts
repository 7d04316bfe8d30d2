import type { Condition } from '../../consensus/store/store.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import type { AdmissionRequest, AdmissionRule } from './admission-rule.ts';
import { admitDefinition } from './definition.ts';
import { admitIdentity } from './identity.ts';
import { admitMemberScope } from './member-scope.ts';
import { admitNamespaceLifecycle } from './namespace-lifecycle.ts';
import { admitPolicy } from './policy.ts';

const rules: readonly AdmissionRule[] = [
  admitMemberScope,
  admitNamespaceLifecycle,
  admitDefinition,
  admitPolicy,
  admitIdentity,
];

export interface AdmittedWrite {
  readonly object: JsonObject;
  readonly conditions: readonly Condition[];
}

/** Runs all rules in order; each sees what the ones before it made of the object. */
export function admitWrite(
  request: AdmissionRequest & { readonly object: JsonObject },
  deps: ServerDeps,
): AdmittedWrite {
  let object = request.object;
  const conditions: Condition[] = [];
  for (const rule of rules) {
    const admitted = rule({ ...request, object }, deps);
    object = admitted?.object ?? object;
    conditions.push(...(admitted?.conditions ?? []));
  }
  return { object, conditions };
}

export function admitDelete(request: AdmissionRequest, deps: ServerDeps): void {
  for (const rule of rules) rule(request, deps);
}
