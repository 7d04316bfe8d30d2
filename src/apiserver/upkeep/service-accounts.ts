import { commitWrite } from '../registry/commit-write.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { prepareCreate } from '../registry/prepare-object.ts';
import { namespacePrefix, storageKey } from '../registry/storage-key.ts';
import type { UpkeepContext } from './upkeep-context.ts';

const name = 'default';

/** Every namespace has a ServiceAccount `default`, as tools written for Kubernetes expect. */
export async function makeDefaultServiceAccounts(context: UpkeepContext): Promise<void> {
  const { registry, store, clock, term, signal } = context;
  const kind = registry.find('', 'v1', 'serviceaccounts');
  const namespaceKind = registry.find('', 'v1', 'namespaces');
  if (kind === undefined || namespaceKind === undefined) return;
  for (const entry of store.range(namespacePrefix).entries) {
    const { name: namespace, deletionTimestamp } = metadataOf(namespaceKind.codec.decode(entry));
    const key = storageKey(kind.prefix, { namespace, name });
    if (deletionTimestamp !== undefined || store.get(key) !== undefined) continue;
    const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
    const { object } = prepareCreate(kind, body, { namespace, name }, clock.now());
    const operation = { kind: 'put', key, value: kind.codec.encode(object) } as const;
    // Not into a namespace that begins to go in this very moment.
    const conditions = [
      { key, revision: 0 },
      { key: entry.key, revision: entry.revision },
    ];
    // A conflict means that somebody was faster, or that the namespace has changed: the next pass sees it.
    await commitWrite(context, { operation, conditions, isDryRun: false, term }, signal);
  }
}
