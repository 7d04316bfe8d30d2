import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { clientAddressOf, memberAddressOf, virtualAddressOf } from '../../api/client-address.ts';
import type { AuthorityAnswer } from '../../api/authority.ts';
import { isApiError } from '../../api/api-error.ts';
import { configMaps } from '../../api/builtin.ts';
import { clusters, members } from '../../api/generated/resources.ts';
import { clusterName } from '../../api/names.ts';
import { systemClock } from '../../base/clock.ts';
import { fetchAuthorities } from '../../runtime/fetch-authorities.ts';
import { formatYaml } from '../../runtime/format-yaml.ts';
import { withMemberContexts, type KubeconfigFile } from '../../runtime/member-contexts.ts';
import { parseYaml } from '../../runtime/parse-yaml.ts';
import { authorityPlace, readSuccessor } from '../../runtime/authority-certificate.ts';
import { readKubeconfig } from '../../runtime/kubeconfig.ts';
import { withAuthorities, type TrustingKubeconfig } from '../../runtime/kubeconfig-authorities.ts';
import { withCluster, type ClusterConnection } from '../cluster-connection.ts';
import type { GlobalFlags } from '../program/flags.ts';

/** Writes into the kubeconfig how every member is reached now, so that one that is off costs nobody anything. */
export async function refreshKubeconfig(flags: GlobalFlags): Promise<void> {
  const file = flags.kubeconfig ?? '';
  await withCluster(file, async (connection) => {
    const { clusterApi, signal } = connection;
    const { items } = await clusterApi.list(members, {}, signal);
    const virtualAddress = virtualAddressOf(await clusterApi.get(clusters, { name: clusterName }, signal));
    const before = parseYaml(readFileSync(file, 'utf8')) as KubeconfigFile & TrustingKubeconfig; // what was connected with
    const own = readKubeconfig(file);
    const authorities = await fetchAuthorities(connection.endpoint, systemClock, signal);
    const trusting =
      authorities === undefined
        ? await trustRenewed(connection, before, own.caPem)
        : withAuthorities(before, { clusterPems: authorities.certificates, keepsOthers: true });
    const changed = withMemberContexts(trusting ?? before, {
      members: items.map((member) => ({
        name: member.metadata.name,
        server: `https://${clientAddressOf(member)}`,
        memberServer: `https://${memberAddressOf(member)}`,
      })),
      virtualServer: virtualAddress === undefined ? undefined : `https://${virtualAddress}`,
    });
    const written = changed ?? trusting;
    if (authorities !== undefined) warnOfLogin(own.certPem, authorities);
    if (written === undefined) {
      console.error(`${file} is up to date: ${items.length} members`);
      return;
    }
    // Whole or not at all: it holds a private key that may be nowhere else.
    await writeFile(`${file}.new`, formatYaml(written), { mode: 0o600 });
    await rename(`${file}.new`, file);
    console.error(`${file} names ${items.length} members now`);
  });
}

/**
 * A login is not exchanged for another one: whoever has the key that has leaked could have made it. Somebody who knows
 * the person has to give it.
 */
function warnOfLogin(certPem: string | undefined, { certificates, endsAt }: AuthorityAnswer): void {
  const [signing] = certificates;
  if (certPem === undefined || signing === undefined || endsAt === undefined) return;
  const login = new X509Certificate(certPem);
  if (login.verify(new X509Certificate(signing).publicKey)) return;
  console.error(
    `Its login ends with the former authority, at ${endsAt} or later: an administrator gives another one with ` +
      '"muster auth add NAME --renew"; that of admin.kubeconfig is renewed on each member\'s host, to be copied again.',
  );
}

/** From members of earlier releases: in the last year of the cluster's authority there is a later certificate of it, for who may read it. */
async function trustRenewed<T extends TrustingKubeconfig>(
  { clusterApi, signal }: ClusterConnection,
  file: T,
  caPem: string,
): Promise<T | undefined> {
  try {
    const clusterPem = readSuccessor(await clusterApi.get(configMaps, authorityPlace, signal), caPem);
    return clusterPem === undefined
      ? undefined
      : withAuthorities(file, { clusterPems: [clusterPem], keepsOthers: true });
  } catch (error) {
    if (isApiError(error, 'Forbidden')) return undefined;
    throw error;
  }
}
