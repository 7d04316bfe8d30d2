import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { isApiError } from '../../api/api-error.ts';
import { clientAddressOf, memberAddressOf, virtualAddressOf } from '../../api/client-address.ts';
import { addDuration, DurationError } from '../../api/duration.ts';
import type { Identity } from '../../api/generated/identity.ts';
import { clusters, identities, members } from '../../api/generated/resources.ts';
import { clusterName } from '../../api/names.ts';
import { systemClock } from '../../base/clock.ts';
import { openApiConnection } from '../../runtime/api-connection.ts';
import { fetchTrusted } from '../../runtime/fetch-authorities.ts';
import { createRequester } from '../../runtime/request.ts';
import { formatPersonKubeconfig } from '../auth-kubeconfig.ts';
import { withCluster, type ClusterConnection } from '../cluster-connection.ts';
import { formatObjects, type Column } from '../output.ts';
import type { GlobalFlags, OutputFlags } from '../program/flags.ts';
import { UsageError } from '../usage-error.ts';

export interface AddFlags extends GlobalFlags {
  readonly group?: readonly string[];
  readonly expires: string;
  readonly description?: string;
  readonly renew?: boolean;
}

interface Issued {
  readonly status: { readonly certificate: string; readonly expirationTimestamp: string };
}

/** The kubeconfig alone goes to standard output. Its key is made here, and never leaves this host otherwise. */
export async function addIdentity(name: string, flags: AddFlags): Promise<void> {
  const expirationSeconds = readExpiry(flags.expires);
  await withCluster(flags.kubeconfig, async (connection) => {
    const isNew = flags.renew !== true;
    if (isNew) await createIdentity(connection, name, flags);
    else await requireIdentity(connection, name);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
    try {
      const issued = await issueCertificate(connection, name, { publicKey, expirationSeconds });
      const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      process.stdout.write(await describeLogin(connection, name, issued.status.certificate, keyPem));
      console.error(`${name} can log in with this kubeconfig until ${issued.status.expirationTimestamp}.`);
    } catch (error) {
      // A login without a certificate is of no use, and would be in the way of the next attempt.
      if (isNew) await connection.clusterApi.delete(identities, { name }, {}, connection.signal);
      throw error;
    }
  });
}

const identityColumns: readonly Column<Identity>[] = [
  { title: 'NAME', cell: ({ metadata }) => metadata.name },
  { title: 'GROUPS', cell: ({ spec }) => spec.groups?.join(',') },
  { title: 'DESCRIPTION', cell: ({ spec }) => spec.description },
  { title: 'CREATED AT', cell: ({ metadata }) => metadata.creationTimestamp },
];

export async function listIdentities(flags: OutputFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    const { items } = await clusterApi.list(identities, {}, signal);
    process.stdout.write(formatObjects(items, identityColumns, flags.output));
  });
}

export async function revokeIdentity(name: string, flags: GlobalFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async (connection) => {
    await requireIdentity(connection, name);
    await connection.clusterApi.delete(identities, { name }, {}, connection.signal);
    console.error(`Every certificate of ${name} is void.`);
  });
}

async function createIdentity(
  { clusterApi, signal }: ClusterConnection,
  name: string,
  { group = [], description }: AddFlags,
): Promise<void> {
  const { apiVersion, kind } = identities;
  const spec = { groups: [...group], ...(description === undefined ? {} : { description }) };
  try {
    await clusterApi.create(identities, { apiVersion, kind, metadata: { name }, spec }, signal);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
    throw new UsageError(`${name} has a login already; --renew gives it another certificate`);
  }
}

async function requireIdentity({ clusterApi, signal }: ClusterConnection, name: string): Promise<void> {
  const found = await clusterApi.get(identities, { name }, signal);
  if (found === undefined) throw new UsageError(`${name} has no login; "muster auth list" shows who has`);
}

async function issueCertificate(
  { endpoint, signal }: ClusterConnection,
  name: string,
  spec: { readonly publicKey: string; readonly expirationSeconds: number },
): Promise<Issued> {
  const connection = openApiConnection(endpoint);
  try {
    const send = createRequester({
      ...{ connection, server: endpoint.server, clock: systemClock, deadlineMs: 30_000 },
    });
    const { apiVersion, plural } = identities;
    const path = `/apis/${apiVersion}/${plural}/${encodeURIComponent(name)}/certificate`;
    const body = { apiVersion, kind: 'CertificateRequest', spec };
    return await send<Issued>({ method: 'POST', path, body }, signal);
  } finally {
    connection.close();
  }
}

async function describeLogin(
  { clusterApi, endpoint, signal }: ClusterConnection,
  user: string,
  certPem: string,
  keyPem: string,
): Promise<string> {
  const { items } = await clusterApi.list(members, {}, signal);
  const caPem = await fetchTrusted(endpoint, systemClock, signal);
  const virtualAddress = virtualAddressOf(await clusterApi.get(clusters, { name: clusterName }, signal));
  const asked = items.find((member) => `https://${memberAddressOf(member)}` === endpoint.server);
  const address = virtualAddress ?? (asked === undefined ? undefined : clientAddressOf(asked));
  const server = address === undefined ? endpoint.server : `https://${address}`;
  const others = items.map((member) => ({
    name: member.metadata.name,
    server: `https://${clientAddressOf(member)}`,
  }));
  return formatPersonKubeconfig({ ...{ user, caPem, certPem, keyPem, server }, members: others });
}

function readExpiry(text: string): number {
  const nowMs = systemClock.now();
  try {
    const endMs = addDuration(nowMs, text);
    if (endMs !== undefined) return Math.floor((endMs - nowMs) / 1_000);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw new UsageError(`--expires: ${error.message}`);
  }
  throw new UsageError('--expires: a certificate has to end; write for example "90d" or "1y"');
}
