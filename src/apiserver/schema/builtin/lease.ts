import { builtInKind } from './built-in-kind.ts';
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
});
