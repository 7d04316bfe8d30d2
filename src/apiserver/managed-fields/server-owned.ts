import { type FieldSet, leafSet, subtract } from './sets/field-set.ts';
import { fieldElement } from './sets/path-element.ts';

const ofMetadata = [
  'name',
  'namespace',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
];
const metadata: FieldSet = { isMember: true, children: leavesOf(ofMetadata) };
const serverOwned: FieldSet = {
  isMember: false,
  children: new Map([...leavesOf(['apiVersion', 'kind']), [fieldElement('metadata'), metadata]]),
};

/** What names the object, and what only the server writes, is never anybody's. */
export function withoutServerOwned(fields: FieldSet): FieldSet {
  return subtract(fields, serverOwned);
}

function leavesOf(names: readonly string[]): FieldSet['children'] {
  return new Map(names.map((name) => [fieldElement(name), leafSet]));
}
