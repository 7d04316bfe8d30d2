/** A kubeconfig file, as far as we write it; other fields are kept. */
export interface KubeconfigFile {
  readonly clusters?: readonly NamedCluster[];
  readonly contexts?: readonly NamedContext[];
  readonly 'current-context'?: string;
}

interface NamedCluster {
  readonly name: string;
  readonly cluster: { readonly server?: string; readonly 'certificate-authority-data'?: string };
}

interface NamedContext {
  readonly name: string;
  readonly context: { readonly cluster: string; readonly user: string; readonly namespace?: string };
}

export interface ReachableMember {
  readonly name: string;
  /** `https://host:port`, for clients. */
  readonly server: string;
  /** Where the other members reach it, which may be good enough for a client that is one of them. */
  readonly memberServer: string;
}

export interface ReachableCluster {
  readonly members: readonly ReachableMember[];
  /** `https://host:port` of the address that moves with a healthy member. */
  readonly virtualServer: string | undefined;
}

/**
 * The file with one context for each member beside the current one, named `CONTEXT-MEMBER`. Those of members that are
 * gone go; contexts of other clusters and of other people stay. Undefined when nothing changes, or it has no current context.
 */
export function withMemberContexts<T extends KubeconfigFile>(
  file: T,
  { members, virtualServer }: ReachableCluster,
): T | undefined {
  const { clusters = [], contexts = [] } = file;
  const base = findBase(file);
  const cluster = clusters.find(({ name }) => name === base?.context.cluster);
  if (base === undefined || cluster === undefined || members.length === 0) return undefined;
  const authority = cluster.cluster['certificate-authority-data'];
  // A file whose contexts are called like the members goes on that way.
  const isPlain = members.some(({ name }) => name === base.name);
  const nameOf = (member: string): string => (isPlain ? member : `${base.name}-${member}`);
  const isOurs = (name: string): boolean => isPlain || name.startsWith(`${base.name}-`);
  const ofSameCluster = new Set(
    clusters
      .filter((one) => one.cluster['certificate-authority-data'] === authority && isOurs(one.name))
      .map(({ name }) => name),
  );
  const server = virtualServer ?? keepServer(cluster.cluster.server, members);
  const fresh = members.map((member) => ({ name: nameOf(member.name), server: member.server }));
  const changed = {
    ...file,
    clusters: [
      ...clusters
        .filter(({ name }) => !ofSameCluster.has(name))
        .map((one) => (one === cluster ? { ...one, cluster: { ...one.cluster, server } } : one)),
      ...fresh.map((one) => ({ name: one.name, cluster: { ...cluster.cluster, server: one.server } })),
    ],
    contexts: [
      ...contexts.filter(({ context }) => !ofSameCluster.has(context.cluster)),
      ...fresh.map(({ name }) => ({ name, context: { ...base.context, cluster: name } })),
    ],
    'current-context': keepCurrent(file, fresh, base.name),
  };
  return JSON.stringify(changed) === JSON.stringify(file) ? undefined : changed;
}

/** The context that the others are named after: the current one may be one of them. */
function findBase({ contexts = [], 'current-context': current }: KubeconfigFile): NamedContext | undefined {
  const chosen = contexts.find(({ name }) => name === current);
  const bases = contexts.filter(
    ({ name, context }) => current?.startsWith(`${name}-`) === true && context.user === chosen?.context.user,
  );
  return bases.toSorted((a, b) => a.name.length - b.name.length)[0] ?? chosen;
}

function keepServer(server: string | undefined, members: readonly ReachableMember[]): string | undefined {
  const isKnown = members.some((member) => member.server === server || member.memberServer === server);
  return isKnown ? server : members[0]?.server;
}

function keepCurrent(
  { 'current-context': current }: KubeconfigFile,
  fresh: readonly { readonly name: string }[],
  base: string,
): string {
  const isThere = current === base || fresh.some(({ name }) => name === current);
  return isThere && current !== undefined ? current : base;
}
