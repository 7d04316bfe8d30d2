import { isIP } from 'node:net';
import type { ClusterSpec } from '../../api/generated/cluster.ts';
import { clusters } from '../../api/generated/resources.ts';
import { clusterName } from '../../api/names.ts';
import { withCluster } from '../cluster-connection.ts';
import type { GlobalFlags } from '../program/flags.ts';
import { UsageError } from '../usage-error.ts';

export interface VirtualAddressFlags extends GlobalFlags {
  readonly interface?: string;
  readonly port?: string;
  readonly routerId?: string;
}

const fieldManager = 'muster';

export async function setVirtualAddress(address: string, flags: VirtualAddressFlags): Promise<void> {
  if (isIP(address) === 0) throw new UsageError(`"${address}" is not an IPv4 or IPv6 address`);
  const virtualAddress = {
    address,
    // What is not said gets its default again.
    interface: flags.interface ?? null,
    port: flags.port === undefined ? null : readNumber('--port', flags.port, 65_535),
    routerID: flags.routerId === undefined ? null : readNumber('--router-id', flags.routerId, 255),
  };
  await change({ virtualAddress }, flags);
  console.error(`The members that can hold ${address} say how it stands in their condition VirtualAddress.`);
}

export async function unsetVirtualAddress(flags: GlobalFlags): Promise<void> {
  await change({ virtualAddress: null }, flags);
}

export async function printVirtualAddress(flags: GlobalFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    const cluster = await clusterApi.get(clusters, { name: clusterName }, signal);
    console.log(cluster?.spec?.virtualAddress?.address ?? '');
  });
}

async function change(
  spec: { readonly [K in keyof ClusterSpec]?: object | null },
  { kubeconfig }: GlobalFlags,
): Promise<void> {
  await withCluster(kubeconfig, async ({ clusterApi, signal }) => {
    await clusterApi.mergePatch(clusters, { name: clusterName }, { spec }, { fieldManager }, signal);
  });
}

function readNumber(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new UsageError(`${flag} is a number from 1 to ${most}, not "${text}"`);
}
