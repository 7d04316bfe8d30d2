import { request } from 'node:https';
import {
  clusters,
  images,
  instances,
  members,
  networks,
  storagePools,
} from '../../api/generated/resources.ts';
import type { Member } from '../../api/generated/member.ts';
import { clusterName } from '../../api/names.ts';
import { systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import type { ClusterConnection } from '../cluster-connection.ts';
import type { ClusterReading } from './judge-cluster.ts';

const askMs = 3_000;

/** Reads what one member says of all, and asks each of them for the time. Works without quorum too. */
export async function readCluster(connection: ClusterConnection): Promise<ClusterReading> {
  const { clusterApi, signal } = connection;
  const anyState = { resourceVersion: '0' };
  const [foundMembers, foundInstances, pools, nets, foundImages, foundClusters] = await Promise.all([
    clusterApi.list(members, anyState, signal),
    clusterApi.list(instances, anyState, signal),
    clusterApi.list(storagePools, anyState, signal),
    clusterApi.list(networks, anyState, signal),
    clusterApi.list(images, anyState, signal),
    clusterApi.list(clusters, anyState, signal),
  ]);
  const clocks = await Promise.all(foundMembers.items.map((member) => askForTime(member, connection)));
  return {
    cluster: foundClusters.items.find(({ metadata }) => metadata.name === clusterName),
    members: foundMembers.items,
    instances: foundInstances.items,
    others: [...pools.items, ...nets.items, ...foundImages.items],
    clockSkewMs: new Map(
      clocks.flatMap(({ name, skewMs }) => (skewMs === undefined ? [] : [[name, skewMs]])),
    ),
    unreachable: new Map(
      clocks.flatMap(({ name, problem }) => (problem === undefined ? [] : [[name, problem]])),
    ),
  };
}

interface Clock {
  readonly name: string;
  readonly skewMs?: number;
  readonly problem?: string;
}

function askForTime({ metadata: { name }, spec }: Member, { endpoint }: ClusterConnection): Promise<Clock> {
  const { hostname, port } = new URL(`https://${spec.address}`);
  const { promise, resolve } = Promise.withResolvers<Clock>();
  const started = systemClock.now();
  const asked = request({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port || 443,
    path: '/livez',
    ca: endpoint.caPem,
    // The certificate carries the member's name whatever the address is.
    servername: name,
    timeout: askMs,
  });
  asked.on('response', (response) => {
    response.resume();
    const there = Date.parse(response.headers.date ?? '');
    const here = (started + systemClock.now()) / 2;
    // The header counts whole seconds, so that half a second of it is no skew.
    resolve(Number.isNaN(there) ? { name } : { name, skewMs: there + 500 - here });
  });
  asked.on('timeout', () => asked.destroy(new Error(`no answer within ${askMs / 1_000} s`)));
  asked.on('error', (error) => {
    resolve({ name, problem: describeError(error) });
  });
  asked.end();
  return promise;
}
