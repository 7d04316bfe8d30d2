import { X509Certificate } from 'node:crypto';

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
  /** Of the cluster, the one that signs first; absent: those that the file names. */
  readonly clusterPems?: readonly string[];
  /** Of a certificate that people have brought; absent: none any more. */
  readonly anchorPem?: string;
  /** Who else is trusted stays trusted. */
  readonly keepsOthers?: boolean;
}

const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * The file with these authorities at every entry for the cluster of its current context. The cluster's own come
 * first: join tokens name the first one. Undefined when nothing changes.
 */
export function withAuthorities<T extends TrustingKubeconfig>(
  file: T,
  authorities: Authorities,
): T | undefined {
  const before = findAuthorities(file);
  if (before === undefined) return undefined;
  const merged = mergeAuthorities(Buffer.from(before, 'base64').toString(), authorities);
  const after = Buffer.from(merged).toString('base64');
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

/** The same for the certificates alone, PEM. */
export function mergeAuthorities(
  before: string,
  { clusterPems, anchorPem, keepsOthers = false }: Authorities,
): string {
  const known = before.match(certificatePattern) ?? [];
  const [first] = known;
  // One that takes the place of another has its name.
  const isOfCluster = (pem: string): boolean =>
    first !== undefined && (pem === first || isSameSubject(pem, first));
  const own = clusterPems ?? known.filter(isOfCluster);
  if (own.length === 0) return before;
  const others = keepsOthers ? known.filter((pem) => !isOfCluster(pem)) : [];
  const all = [...own, ...others, ...(anchorPem === undefined ? [] : [anchorPem])];
  return [...new Set(all.map((pem) => `${pem.trim()}\n`))].join('');
}

function isSameSubject(pem: string, other: string): boolean {
  try {
    return new X509Certificate(pem).subject === new X509Certificate(other).subject;
  } catch {
    return false; // Whatever stands there is nobody's certificate.
  }
}

/** Of the cluster of the current context. */
function findAuthorities(file: TrustingKubeconfig): string | undefined {
  const { clusters = [], contexts = [] } = file;
  const current = contexts.find(({ name }) => name === file['current-context'])?.context.cluster;
  return clusters.find(({ name }) => name === current)?.cluster['certificate-authority-data'];
}
