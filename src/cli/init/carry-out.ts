import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isApiError } from '../../api/api-error.ts';
import { members } from '../../api/generated/resources.ts';
import { decodeJoinToken } from '../../api/join-token.ts';
import { keyOf } from '../../api/resource.ts';
import { describeError } from '../../base/describe-error.ts';
import { withCluster } from '../cluster-connection.ts';
import { storeTrustPassword } from '../store-trust-password.ts';
import { applyObject } from './apply-object.ts';
import type { Daemon } from './daemon.ts';
import type { BootstrapPlan, InitPlan, JoinPlan } from './plan.ts';
import { resourceOf } from './resource-of.ts';

export interface CarryOutDeps {
  readonly daemon: Daemon;
  readonly dataDir: string;
  readonly tell: (line: string) => void;
}

const readyMs = 60_000;
const lookEveryMs = 200;

/** Does what the plan says. What is there already is left as it is, so that it can be repeated. */
export async function carryOut(plan: InitPlan, deps: CarryOutDeps): Promise<void> {
  const { daemon, dataDir, tell } = deps;
  const name = nameOf(plan);
  if (existsSync(path.join(dataDir, 'config.json'))) {
    tell(`${dataDir} holds a member already; going on with that one.`);
  } else {
    if (plan.kind === 'bootstrap') await daemon.run(initArguments(plan, dataDir));
    else await daemon.run(joinArguments(plan, dataDir), 'password' in plan.by ? plan.by.password : undefined);
  }
  if (!(await isServing(deps))) tell(`musterd ${await daemon.start(dataDir)}.`);
  await waitUntilOnline(name, deps);
  if (plan.kind === 'bootstrap') await applyObjects(plan, deps);
  tell(
    `\n${name} is ready. The members, from here: muster --kubeconfig ${kubeconfigOf(dataDir)} cluster list`,
  );
  tell(`For a further member: muster --kubeconfig ${kubeconfigOf(dataDir)} cluster add NAME`);
}

function initArguments(
  { name, address, clientAddresses }: BootstrapPlan,
  dataDir: string,
): readonly string[] {
  const where = ['--address', address, ...forClients(clientAddresses)];
  return ['init', '--data-dir', dataDir, '--name', name, ...where, '--no-run'];
}

/** Of the member that the plan makes. */
export function nameOf(plan: InitPlan): string {
  if (plan.kind === 'bootstrap') return plan.name;
  const { by } = plan;
  return 'token' in by ? decodeJoinToken(by.token).serverName : by.name;
}

function forClients(addresses: readonly string[]): readonly string[] {
  return addresses.flatMap((address) => ['--client-address', address]);
}

function joinArguments(
  { by, address, clientAddresses = [], memberConfig }: JoinPlan,
  dataDir: string,
): readonly string[] {
  const own = memberConfig.flatMap(({ entity, name, key, value }) => [
    '--member-config',
    `${entity}/${name}/${key}=${value}`,
  ]);
  const where = ['--address', address, ...forClients(clientAddresses)];
  return ['join', '--data-dir', dataDir, ...where, ...credential(by), ...own, '--no-run'];
}

function credential(by: JoinPlan['by']): readonly string[] {
  if ('token' in by) return ['--token', by.token];
  const { name, addressOfMember, fingerprint } = by;
  const member = ['--name', name, '--address-of-member', addressOfMember, '--fingerprint', fingerprint];
  return ['--trust-password-stdin', ...member];
}

function kubeconfigOf(dataDir: string): string {
  return path.join(dataDir, 'admin.kubeconfig');
}

async function isServing({ dataDir }: CarryOutDeps): Promise<boolean> {
  return withCluster(
    kubeconfigOf(dataDir),
    async ({ clusterApi, signal }) =>
      (await clusterApi.list(members, { resourceVersion: '0' }, signal)).items.length >= 0,
    2_000,
  ).catch(() => false);
}

async function waitUntilOnline(name: string, { dataDir, tell }: CarryOutDeps): Promise<void> {
  tell('Waiting for the member to come up…');
  await withCluster(
    kubeconfigOf(dataDir),
    async ({ clusterApi, signal }) => {
      for (let problem = ''; ;) {
        try {
          const member = await clusterApi.get(members, { name }, signal);
          if (member?.status?.state === 'Online') return;
          problem = member === undefined ? 'it has no Member object yet' : 'it is not Online yet';
        } catch (error) {
          if (!isApiError(error))
            throw new Error(`${name} did not come up: ${problem || describeError(error)}`, { cause: error });
          problem = describeError(error);
        }
        await sleep(lookEveryMs, undefined, { signal }).catch(() => {
          throw new Error(`${name} did not come up within ${readyMs / 1_000} s: ${problem}`);
        });
      }
    },
    readyMs,
  );
}

async function applyObjects(
  { objects, trustPassword }: Pick<BootstrapPlan, 'objects' | 'trustPassword'>,
  { dataDir, tell }: CarryOutDeps,
): Promise<void> {
  await withCluster(kubeconfigOf(dataDir), async ({ clusterApi, signal }) => {
    for (const object of objects) {
      const result = await applyObject(clusterApi, resourceOf(object.kind), object, signal);
      tell(`${object.kind} ${keyOf(object)}: ${result}`);
    }
    if (trustPassword !== undefined)
      tell(`Trust password: ${await storeTrustPassword(clusterApi, trustPassword, signal)}`);
  });
}
