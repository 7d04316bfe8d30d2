import type { StatusCause } from '../../../api/api-error.ts';
import { fieldCause } from '../field-cause.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { builtInKind } from './built-in-kind.ts';
import { withMicroTimesIn } from './micro-time.ts';
import { field, resourceSchema } from './schema-parts.ts';

export const leaseKind = builtInKind({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
  schema: resourceSchema(
    'Says who holds something for the time being, such as the lead among several copies.',
    {
      spec: field.object('Who holds the lease.', {
        holderIdentity: field.text('The holder.'),
        leaseDurationSeconds: field.integer('How long the lease holds after it was last renewed.'),
        acquireTime: field.time('When the holder got it.'),
        renewTime: field.time('When the holder last renewed it.'),
        leaseTransitions: field.integer('How often the holder changed.'),
        strategy: field.text('How the holder is chosen when several want it.'),
        preferredHolder: field.text('Who shall have it next.'),
      }),
    },
  ),
  prepare: (object) => withMicroTimesIn(object, 'spec', ['acquireTime', 'renewTime']),
  validateMore: checkLease,
});

function checkLease({ spec }: JsonObject): StatusCause[] {
  if (!isJsonObject(spec)) return [];
  const { leaseDurationSeconds: duration, leaseTransitions: transitions } = spec;
  return [
    ...(typeof duration === 'number' && duration <= 0
      ? [fieldCause.invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')]
      : []),
    ...(typeof transitions === 'number' && transitions < 0
      ? [fieldCause.invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
      : []),
  ];
}
