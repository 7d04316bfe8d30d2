interface NamedCluster {
  readonly name: string;
  readonly cluster: { readonly 'certificate-authority-data'?: string };
}

/** A kubeconfig file, as far as it says whom to trust; other fields are kept. */
export interface TrustingKubeconfig {
  readonly clusters?: readonly NamedCluster[];
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string } }[];
  readonly 'current-context'?: string;
}

export interface Authorities {
  /** Of the cluster; absent: the one that the file names first. */
  readonly clusterPem?: string;
  /** Of a certificate that people have brought; absent: none any more. */
  readonly anchorPem?: string;
  /** Whoever else the file trusts stays trusted. */
  readonly keepsOthers?: boolean;
}

const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * The file with these authorities at every entry for the cluster of its current context. The cluster's own comes
 * first: join tokens name it. Undefined when nothing changes.
 */
export function withAuthorities<T extends TrustingKubeconfig>(
  file: T,
  { clusterPem, anchorPem, keepsOthers = false }: Authorities,
): T | undefined {
  const before = findAuthorities(file);
  if (before === undefined) return undefined;
  const [first, ...others] = Buffer.from(before, 'base64').toString().match(certificatePattern) ?? [];
  const own = clusterPem ?? first;
  if (own === undefined) return undefined;
  const all = [own, ...(keepsOthers ? others : []), ...(anchorPem === undefined ? [] : [anchorPem])];
  const after = Buffer.from(all.map((pem) => `${pem.trim()}\n`).join('')).toString('base64');
  if (after === before) return undefined;
  return {
    ...file,
    clusters: file.clusters?.map((one) =>
      one.cluster['certificate-authority-data'] === before
        ? { ...one, cluster: { ...one.cluster, 'certificate-authority-data': after } }
        : one,
    ),
  };
}

/** Of the cluster of the current context. */
function findAuthorities(file: TrustingKubeconfig): string | undefined {
  const { clusters = [], contexts = [] } = file;
  const current = contexts.find(({ name }) => name === file['current-context'])?.context.cluster;
  return clusters.find(({ name }) => name === current)?.cluster['certificate-authority-data'];
}
