import { headerOf } from '../http/exchange.ts';
import type { ManagerIdentity } from '../managed-fields/manager.ts';
import { managerOfUserAgent } from '../managed-fields/manager-name.ts';
import { managedFieldsOf } from '../managed-fields/managed-fields-of.ts';
import type { UpdateTracking } from '../managed-fields/track-write.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ResourceContext } from './resource-context.ts';
import type { WriteOptions } from './write-options.ts';

export interface UntrackedWrite {
  /** As the client sent it, or as its patch made it. */
  readonly input: JsonObject;
  readonly options: WriteOptions;
  readonly isPatch?: boolean;
}

/** How every write but an apply is remembered: under the name that the client gives, or that of its program. */
export function trackUpdate(
  context: ResourceContext,
  { input, options, isPatch = false }: UntrackedWrite,
): UpdateTracking {
  const name =
    options.fieldManager === ''
      ? managerOfUserAgent(headerOf(context.exchange.request, 'user-agent'))
      : options.fieldManager;
  const self = managerIdentity(context, name, 'Update');
  return { kind: 'update', self, sent: managedFieldsOf(input), isPatch };
}

export function managerIdentity(
  { kind, info }: ResourceContext,
  name: string,
  operation: ManagerIdentity['operation'],
): ManagerIdentity {
  return { name, operation, apiVersion: kind.apiVersion, subresource: info.subresource ?? '' };
}
