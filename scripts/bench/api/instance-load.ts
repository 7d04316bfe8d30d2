import { setTimeout as delay } from 'node:timers/promises';
import type { LoadClient } from '../kit/load.ts';
import { Http2Session, type TlsTarget } from '../store/http2-session.ts';

const benchNamespace = 'bench-api';
/** What creates are measured with goes here, so that it can be taken away before the next measurement. */
const passingNamespace = 'bench-api-passing';
const prefix = instancesOf(benchNamespace);
const passing = [instancesOf(passingNamespace), `/api/v1/namespaces/${passingNamespace}/configmaps`] as const;
const callsPerConnection = 64;

export type InstanceCall =
  'apply' | 'create' | 'create-plain' | 'get' | 'list' | 'patch' | 'table' | 'update';

export interface InstanceTarget {
  readonly at: TlsTarget;
  readonly call: InstanceCall;
  /** Tells the names of one measurement from those of the others. */
  readonly run: string;
  /** For lists: how many objects a page has. */
  readonly limit?: number;
  /** How often the load has been at it before: a change has to differ from the one before. */
  readonly from?: number;
}

function instancesOf(namespace: string): string {
  return `/apis/muster.dev/v1alpha1/namespaces/${namespace}/instances`;
}

/** Stays unresolved, so that the controllers look at it once and no host starts anything. */
function buildInstance(name: string, more: object = {}, namespace = benchNamespace): object {
  return {
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'Instance',
    metadata: { name, namespace },
    spec: { image: 'none', running: false, resources: { cpus: 1, memory: '256MiB' }, ...more },
  };
}

/** Clients of the API that create, read, change or list Instances. */
export async function openClients(target: InstanceTarget, count: number): Promise<readonly LoadClient[]> {
  const sessions = Array.from(
    { length: Math.ceil(count / callsPerConnection) },
    () => new Http2Session(target.at),
  );
  const clients = Array.from({ length: count }, (_, index): LoadClient => {
    const session = sessions[index % sessions.length];
    if (session === undefined) throw new Error('there is no connection');
    return {
      call: (sequence) => callOnce(session, target, { client: index, sequence }),
      close: () => session.close(),
    };
  });
  if (['apply', 'get', 'patch', 'update'].includes(target.call)) {
    await Promise.all(clients.map((_, index) => prepare(sessions[0], target, index)));
  }
  return clients;
}

function nameOf(run: string, client: number, sequence: number): string {
  return `${run}-${client}-${sequence}`;
}

async function prepare(
  session: Http2Session | undefined,
  { run }: InstanceTarget,
  client: number,
): Promise<void> {
  if (session === undefined) throw new Error('there is no connection');
  await send(session, ['POST', prefix, buildInstance(nameOf(run, client, 0))], [201, 409]);
}

async function callOnce(
  session: Http2Session,
  { call, run, limit = 500, from = 0 }: InstanceTarget,
  { client, sequence }: { readonly client: number; readonly sequence: number },
): Promise<void> {
  const own = `${prefix}/${nameOf(run, client, 0)}`;
  const description = `change ${from + sequence}`;
  switch (call) {
    case 'create': {
      const body = buildInstance(nameOf(run, client, from + sequence), {}, passingNamespace);
      return send(session, ['POST', passing[0], body], [201]);
    }
    case 'create-plain': {
      const name = nameOf(run, client, from + sequence);
      return send(
        session,
        ['POST', passing[1], { metadata: { name }, data: { value: 'x'.repeat(1_000) } }],
        [201],
      );
    }
    case 'get':
      return send(session, ['GET', own], [200]);
    case 'patch':
      return send(session, ['PATCH', own, { spec: { description } }, 'application/merge-patch+json'], [200]);
    case 'apply': {
      const body = buildInstance(nameOf(run, client, 0), { description });
      const path = `${own}?fieldManager=bench&force=true`;
      return send(session, ['PATCH', path, body, 'application/apply-patch+yaml'], [200]);
    }
    case 'update': {
      // As client libraries do it: read, change, write with the version that was read.
      const stored = await read(session, own);
      const changed = { ...stored, spec: { ...(stored['spec'] as object), description } };
      return send(session, ['PUT', own, changed], [200, 409]);
    }
    case 'list':
      return send(session, ['GET', `${prefix}?limit=${limit}`], [200]);
    case 'table':
      return send(session, ['GET', `${prefix}?limit=${limit}`, undefined, undefined, tableType], [200]);
  }
}

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

type Request = readonly [
  method: string,
  path: string,
  body?: object | undefined,
  type?: string | undefined,
  accept?: string,
];

async function send(session: Http2Session, request: Request, good: readonly number[]): Promise<void> {
  const { code, body } = await exchange(session, request);
  if (!good.includes(code)) throw new Error(`${request[0]} ${request[1]}: ${code} ${body.toString()}`);
}

async function read(session: Http2Session, path: string): Promise<Record<string, unknown>> {
  const { body } = await exchange(session, ['GET', path]);
  return JSON.parse(body.toString()) as Record<string, unknown>; // what the path serves
}

async function exchange(
  session: Http2Session,
  [method, path, body, type = 'application/json', accept = 'application/json']: Request,
): Promise<{ readonly code: number; readonly body: Buffer }> {
  const headers = { ':method': method, ':path': path, 'content-type': type, accept };
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const answer = await session.exchange(headers, bytes);
  return { code: Number(answer.headers[':status']), body: answer.body };
}

/** Instances `0` to `count`, with the status that an Instance has that runs when `isRunning`. */
export async function fillInstances(at: TlsTarget, run: string, count: number): Promise<void> {
  const session = new Http2Session(at);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next; index < count; index = next) {
      next += 1;
      const name = nameOf(run, 0, index);
      await send(session, ['POST', prefix, buildInstance(name)], [201, 409]);
      const path = `${prefix}/${name}/status`;
      await send(session, ['PATCH', path, { status: fullStatus }, 'application/merge-patch+json'], [200]);
    }
  };
  await Promise.all(Array.from({ length: callsPerConnection }, work));
  session.close();
}

export async function createNamespaces(at: TlsTarget): Promise<void> {
  const session = new Http2Session(at);
  for (const name of [benchNamespace, passingNamespace]) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await send(session, ['POST', '/api/v1/namespaces', body], [201, 409]);
  }
  session.close();
}

/** Deletes what the creates have left, and waits until the controllers have let go of it. */
export async function removeCreated(at: TlsTarget): Promise<void> {
  const session = new Http2Session(at);
  for (const path of passing) {
    const names = await listNames(session, path);
    while (names.length > 0) {
      const some = names.splice(0, callsPerConnection);
      await Promise.all(some.map((name) => send(session, ['DELETE', `${path}/${name}`], [200, 404])));
    }
  }
  for (const path of passing) while ((await listNames(session, path)).length > 0) await delay(1_000);
  session.close();
}

async function listNames(session: Http2Session, path: string): Promise<string[]> {
  const { items } = (await read(session, `${path}?resourceVersion=0`)) as { items: { metadata: Named }[] };
  return items.map(({ metadata }) => metadata.name).filter((name) => !name.startsWith('kube-'));
}

interface Named {
  readonly name: string;
}

const fullStatus = {
  state: 'Running',
  pid: 4711,
  startedAt: '2026-01-01T00:00:00Z',
  addresses: [
    { interface: 'eth0', family: 'inet', address: '10.128.83.24', network: 'musterbr0' },
    { interface: 'eth0', family: 'inet6', address: 'fd42::216:3eff:fe00:1', network: 'musterbr0' },
  ],
  imageDigest: `sha256:${'0123456789abcdef'.repeat(4)}`,
  conditions: ['Prepared', 'Running', 'Ready'].map((type) => ({
    ...{ type, status: 'True', reason: type, message: 'the host matches what is wanted' },
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })),
};
