import { withCluster } from '../cluster-connection.ts';
import { changeMember, getMember } from '../member-access.ts';
import type { GlobalFlags } from '../program/flags.ts';
import { changeFor, readSetting } from '../setting-edit.ts';

export async function printSetting(name: string, key: string, flags: GlobalFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    console.log(readSetting(await getMember(clusterApi, name, signal), key));
  });
}

/** Without a value, the setting gets its default again. */
export async function changeSetting(
  name: string,
  key: string,
  value: string | undefined,
  flags: GlobalFlags,
): Promise<void> {
  const change = changeFor(key, value);
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    await changeMember(clusterApi, name, () => change, signal);
  });
}
