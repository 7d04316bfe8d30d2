import { type FieldSet, subtract } from './sets/field-set.ts';
import { FieldSetBuilder } from './sets/field-set-builder.ts';
import { fieldElement } from './sets/path-element.ts';

const serverOwned = [
  'apiVersion',
  'kind',
  'metadata',
  'metadata.name',
  'metadata.namespace',
  'metadata.creationTimestamp',
  'metadata.deletionTimestamp',
  'metadata.deletionGracePeriodSeconds',
  'metadata.selfLink',
  'metadata.uid',
  'metadata.clusterName',
  'metadata.generation',
  'metadata.managedFields',
  'metadata.resourceVersion',
];
const serverOwnedSet = buildSet(serverOwned);

/** What names the object, and what only the server writes, is never anybody's. */
export function withoutServerOwned(fields: FieldSet): FieldSet {
  return subtract(fields, serverOwnedSet);
}

function buildSet(paths: readonly string[]): FieldSet {
  const set = new FieldSetBuilder();
  for (const path of paths) set.add(path.split('.').map(fieldElement));
  return set.build();
}
