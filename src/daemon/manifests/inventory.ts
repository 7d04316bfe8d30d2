import type { ConfigMap } from '../../api/builtin.ts';
import { managedByLabel, managedByMuster, systemNamespace } from '../../api/names.ts';
import type { ObjectRef } from './object-ref.ts';

/** Which objects came from which file: what tells a vanished object from one that was never ours. */
export type Inventory = ReadonlyMap<string, readonly ObjectRef[]>;

const inventoryKey = 'inventory.json';

export function inventoryName(source: string): { readonly name: string; readonly namespace: string } {
  return { namespace: systemNamespace, name: `manifests-${source}` };
}

export function buildInventory(source: string, directory: string, inventory: Inventory): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      ...inventoryName(source),
      labels: { [managedByLabel]: managedByMuster },
      annotations: { 'muster.dev/manifest-directory': directory },
    },
    data: { [inventoryKey]: JSON.stringify(Object.fromEntries(inventory)) },
  };
}

/** A text that is not ours counts as an empty inventory: then nothing is pruned. */
export function parseInventory(stored: ConfigMap | undefined): Inventory {
  const text = stored?.data?.[inventoryKey];
  if (text === undefined) return new Map();
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, ObjectRef[]>));
  } catch {
    return new Map(); // Somebody has edited it by hand; a guess could delete what is not ours.
  }
}
