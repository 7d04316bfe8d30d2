import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { clientAddressOf, memberAddressOf, virtualAddressOf } from '../../api/client-address.ts';
import { clusters, members } from '../../api/generated/resources.ts';
import { clusterName } from '../../api/names.ts';
import { formatYaml } from '../../runtime/format-yaml.ts';
import { withMemberContexts, type KubeconfigFile } from '../../runtime/member-contexts.ts';
import { parseYaml } from '../../runtime/parse-yaml.ts';
import { withCluster } from '../cluster-connection.ts';
import type { GlobalFlags } from '../program/flags.ts';

/** Writes into the kubeconfig how every member is reached now, so that one that is off costs nobody anything. */
export async function refreshKubeconfig(flags: GlobalFlags): Promise<void> {
  const file = flags.kubeconfig ?? '';
  await withCluster(file, async ({ clusterApi, signal }) => {
    const { items } = await clusterApi.list(members, {}, signal);
    const virtualAddress = virtualAddressOf(await clusterApi.get(clusters, { name: clusterName }, signal));
    const changed = withMemberContexts(
      parseYaml(readFileSync(file, 'utf8')) as KubeconfigFile, // what was connected with
      {
        members: items.map((member) => ({
          name: member.metadata.name,
          server: `https://${clientAddressOf(member)}`,
          memberServer: `https://${memberAddressOf(member)}`,
        })),
        virtualServer: virtualAddress === undefined ? undefined : `https://${virtualAddress}`,
      },
    );
    if (changed === undefined) {
      console.error(`${file} is up to date: ${items.length} members`);
      return;
    }
    // Whole or not at all: it holds a private key that may be nowhere else.
    await writeFile(`${file}.new`, formatYaml(changed), { mode: 0o600 });
    await rename(`${file}.new`, file);
    console.error(`${file} names ${items.length} members now`);
  });
}
