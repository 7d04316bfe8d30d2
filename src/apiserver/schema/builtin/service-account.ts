import { builtInKind } from './built-in-kind.ts';
import { field, resourceSchema } from './schema-parts.ts';

export const serviceAccountKind = builtInKind({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
  shortNames: ['sa'],
  schema: resourceSchema('An identity for programs: rights are bound to it, and tokens are issued for it.', {
    secrets: field.keyedList(
      'Secrets that belong to it; for people, nothing here reads them.',
      field.object('A reference.', { name: field.text('Name of the Secret.') }, 'name'),
      'name',
    ),
    imagePullSecrets: field.list(
      'Accepted from other clusters; images are not pulled with it here.',
      field.object('A reference.', { name: field.text('Name of the Secret.') }),
    ),
    automountServiceAccountToken: field.flag('Accepted from other clusters; nothing is mounted here.'),
  }),
});
