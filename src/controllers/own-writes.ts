import type { KubernetesObject } from '../api/meta.ts';

/**
 * What a controller wrote itself and its cache may not show yet. Deciding again on the older copy would end in a
 * conflict at best; a choice by chance, such as a member for an instance, would come out differently.
 */
export interface OwnWrites {
  readonly note: (key: string, written: KubernetesObject) => void;
  /** True while the copy is older than what was written; the newer one is about to wake the key again. */
  readonly isOutdated: (key: string, cached: KubernetesObject) => boolean;
  readonly forget: (key: string) => void;
}

export function createOwnWrites(): OwnWrites {
  const versions = new Map<string, bigint>();
  return {
    note(key, { metadata }) {
      const version = parseVersion(metadata.resourceVersion);
      if (version !== undefined) versions.set(key, version);
    },
    isOutdated(key, { metadata }) {
      const written = versions.get(key);
      const cached = parseVersion(metadata.resourceVersion);
      if (written === undefined || cached === undefined) return false;
      if (cached < written) return true;
      versions.delete(key);
      return false;
    },
    forget: (key) => versions.delete(key),
  };
}

/** Kubernetes' resourceVersions compare as integers: KEP-5504. Undefined for any other form. */
function parseVersion(version: string | undefined): bigint | undefined {
  return version !== undefined && /^\d+$/.test(version) ? BigInt(version) : undefined;
}
