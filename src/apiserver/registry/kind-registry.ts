import type { ServedKind } from '../schema/served-kind.ts';
import type { ResourceKind } from './resource-kind.ts';

/** Everything that is served at this moment. */
export interface KindRegistry {
  find(group: string, version: string, plural: string): ResourceKind | undefined;
  /** All kinds, in the order of discovery: groups by name, versions best first. */
  list(): readonly ResourceKind[];
  /** Grows with every change of the kinds: caches of documents hang on it. */
  readonly generation: number;
  /** Calls back after each change. The answer unsubscribes. */
  subscribe(changed: () => void): () => void;
  close(): void;
}

export function servedKindsOf(registry: KindRegistry): readonly ServedKind[] {
  return registry.list().map(({ served }) => served);
}

/** One version of each kind, for work that goes through all stored objects. */
export function* storedKinds(registry: KindRegistry): Generator<ResourceKind> {
  const seen = new Set<string>();
  for (const kind of registry.list()) {
    if (seen.has(kind.prefix)) continue;
    seen.add(kind.prefix);
    yield kind;
  }
}
