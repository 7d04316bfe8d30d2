import type { StoreReader } from '../../consensus/store/store.ts';
import { storagePrefix } from '../registry/storage-key.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import { isJsonObject } from '../schema/json-object.ts';
import type { OidcSettings } from './oidc.ts';

const clusterKey = `${storagePrefix('muster.dev', 'clusters')}cluster`;

/** Reads `Cluster.spec.oidc` from this member's copy; parsed again only when the object has changed. */
export function createOidcSettings(store: StoreReader): () => OidcSettings | undefined {
  const held: { revision?: number; settings?: OidcSettings | undefined } = {};
  return () => {
    const entry = store.get(clusterKey);
    if (entry === undefined) return undefined;
    if (held.revision !== entry.revision) {
      held.revision = entry.revision;
      held.settings = readSettings(decodeStoredJson(entry.value));
    }
    return held.settings;
  };
}

function readSettings(cluster: unknown): OidcSettings | undefined {
  if (!isJsonObject(cluster) || !isJsonObject(cluster['spec'])) return undefined;
  const { oidc } = cluster['spec'];
  return isJsonObject(oidc) ? (oidc as unknown as OidcSettings) : undefined; // the schema has checked it
}
