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
}

const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/;

/**
 * The file with these authorities at every entry for the cluster of its current context. The cluster's own comes
 * first: join tokens name it. Undefined when nothing changes.
 */
export function withAuthorities<T extends TrustingKubeconfig>(
  file: T,
  { clusterPem, anchorPem }: Authorities,
): T | undefined {
  const { clusters = [], contexts = [] } = file;
  const current = contexts.find(({ name }) => name === file['current-context'])?.context.cluster;
  const before = clusters.find(({ name }) => name === current)?.cluster['certificate-authority-data'];
  if (before === undefined) return undefined;
  const own = clusterPem ?? certificatePattern.exec(Buffer.from(before, 'base64').toString())?.[0];
  if (own === undefined) return undefined;
  const all = [own, ...(anchorPem === undefined ? [] : [anchorPem])].map((pem) => `${pem.trim()}\n`);
  const after = Buffer.from(all.join('')).toString('base64');
  if (after === before) return undefined;
  return {
    ...file,
    clusters: clusters.map((one) =>
      one.cluster['certificate-authority-data'] === before
        ? { ...one, cluster: { ...one.cluster, 'certificate-authority-data': after } }
        : one,
    ),
  };
}
