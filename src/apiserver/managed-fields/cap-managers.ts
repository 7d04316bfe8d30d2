import { type Manager } from './manager.ts';
import { union } from './sets/field-set.ts';

const maxUpdateManagers = 10;
const bucketName = 'ancient-changes';

/**
 * Every name under which somebody ever edited an object would stay on it for good. Beyond ten, the oldest are put
 * together under one name. Appliers are never touched: their sets decide what is removed.
 */
export function capManagers(managers: readonly Manager[]): readonly Manager[] {
  const updaters = managers.filter(({ operation }) => operation === 'Update');
  if (updaters.length <= maxUpdateManagers) return managers;
  const oldestFirst = updaters.toSorted(
    (left, right) => compareText(left.time, right.time) || compareText(left.name, right.name),
  );
  let kept = managers;
  let count = updaters.length;
  /** One bucket a version; the first of a version fills it only when a second one comes. */
  const buckets = new Map<string, Manager>();
  for (const manager of oldestFirst) {
    if (count <= maxUpdateManagers) break;
    const bucket = buckets.get(manager.apiVersion);
    if (bucket === undefined) {
      buckets.set(manager.apiVersion, manager);
      continue;
    }
    const merged = mergeInto(bucket, manager);
    buckets.set(manager.apiVersion, merged);
    kept = [...kept.filter((other) => other !== bucket && other !== manager), merged];
    count -= 1;
  }
  return kept;
}

function mergeInto(bucket: Manager, { apiVersion, fields, time }: Manager): Manager {
  return {
    ...{ name: bucketName, operation: 'Update', apiVersion, subresource: '', time },
    fields: union(bucket.fields, fields),
  };
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
