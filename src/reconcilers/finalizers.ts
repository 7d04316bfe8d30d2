import type { ObjectMeta } from '../api/meta.ts';

export function hasFinalizer({ finalizers = [] }: ObjectMeta, name: string): boolean {
  return finalizers.includes(name);
}

export function addFinalizer(metadata: ObjectMeta, name: string): void {
  if (!hasFinalizer(metadata, name)) metadata.finalizers = [...(metadata.finalizers ?? []), name];
}

export function removeFinalizer(metadata: ObjectMeta, name: string): void {
  if (!hasFinalizer(metadata, name)) return;
  metadata.finalizers = metadata.finalizers?.filter((finalizer) => finalizer !== name) ?? [];
}

export function isDeleting({ deletionTimestamp }: ObjectMeta): boolean {
  return deletionTimestamp !== undefined;
}
