/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- client-node declares plain objects as classes */
import assert from 'node:assert/strict';
import path from 'node:path';
import {
  CoreV1Api,
  KubeConfig,
  makeInformer,
  type Informer,
  type ObjectCache,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import type { LabMember } from '../../scripts/lab/spec.ts';
import { clusterTimeoutMs, type TestCluster, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { findLeader, waitForRoles } from '../support/member-roles.ts';

const namespace = 'default';
const label = 'followed=yes';
const restartMs = 300;

/** The informers of the official client, as people write them: started again when they report an error. */
describe('cluster: informers of client-node', function () {
  this.timeout(clusterTimeoutMs);
  // Before the hook that removes the cluster: a client that goes on without it would only spin.
  after(async () => {
    await writer?.stop();
    for (const follower of followers.values()) follower.stop();
  });
  const followers = new Map<string, Follower>();
  let writer: Writer | undefined;
  let leader: LabMember;
  let other: number;
  const open = useTestCluster({
    name: 'inform',
    subnet: 47,
    members: 3,
    prepare: (cluster) => waitForRoles(cluster, { 'database-leader': 1, 'database-voter': 2 }),
  });

  before(async () => {
    ({ leader, other } = await findLeader(open()));
    for (const { name } of await open().lab.listMembers()) followers.set(name, follow(open(), name));
    writer = startWriter(open(), `n${other}`);
    await writer.waitForMore(20);
  });
  const steady = (): Writer => {
    assert(writer !== undefined, 'the writer has not started');
    return writer;
  };

  /** Every follower ends up with what there is; one whose member stayed has seen every step on the way. */
  async function check(interrupted: readonly string[]): Promise<void> {
    await steady().pause();
    const api = connect(open(), `n${other}`).makeApiClient(CoreV1Api);
    const { items } = await api.listNamespacedConfigMap({ namespace, labelSelector: label });
    const want = Object.fromEntries(items.map(readStep));
    for (const [name, follower] of followers) {
      await eventually(`the state of the cluster at the follower of ${name}`, 30_000, () => {
        assert.deepEqual(Object.fromEntries(follower.cache().map(readStep)), want);
        return Promise.resolve();
      });
      const isWhole = !interrupted.includes(name);
      for (const [object, steps] of follower.seen) checkSteps(`${name}: ${object}`, steps, isWhole);
    }
    steady().resume();
  }

  it('see every change once while nothing happens', async () => {
    await check([]);
  });

  it('lose and repeat nothing when the leader is killed', async () => {
    await open().kill(leader);
    await steady().waitForMore(20);
    await open().lab.start(leader);
    await waitForRoles(open(), { 'database-leader': 1, 'database-voter': 2 }, { member: other });
    await check([leader.name]);
  });

  it('lose and repeat nothing when old history is compacted', async () => {
    const member = `n${other}`;
    const api = connect(open(), member).makeApiClient(CoreV1Api);
    const { metadata } = await api.listNamespacedConfigMap({ namespace, limit: 1 });
    await outgrowHistory(api);
    await eventually('410 for the old version', 30_000, async () => {
      const query = `?resourceVersion=${metadata?.resourceVersion ?? ''}&resourceVersionMatch=Exact&limit=1`;
      const args = ['get', '--raw', `/api/v1/namespaces/${namespace}/configmaps${query}`];
      const { stderr } = await open().tryKubectl(args, { member: other });
      assert.match(stderr, /too old/);
    });
    await steady().waitForMore(20);
    await check([leader.name]);
  });
});

interface Follower {
  /** The steps that each object was seen at, in the order of the events. */
  readonly seen: ReadonlyMap<string, readonly number[]>;
  cache(): readonly V1ConfigMap[];
  stop(): void;
}

function connect({ directory }: TestCluster, member: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(path.join(directory, 'kubeconfig'));
  config.setCurrentContext(member);
  return config;
}

function follow(cluster: TestCluster, member: string): Follower {
  const config = connect(cluster, member);
  const api = config.makeApiClient(CoreV1Api);
  const informer: Informer<V1ConfigMap> & ObjectCache<V1ConfigMap> = makeInformer(
    config,
    `/api/v1/namespaces/${namespace}/configmaps`,
    () => api.listNamespacedConfigMap({ namespace, labelSelector: label }),
    label,
  );
  const seen = new Map<string, number[]>();
  const note = (object: V1ConfigMap): void => {
    const [name, step] = readStep(object);
    seen.set(name, [...(seen.get(name) ?? []), step]);
  };
  const state = { isOver: false };
  informer.on('add', note);
  informer.on('update', note);
  informer.on('error', () => {
    if (!state.isOver) setTimeout(() => void informer.start().catch(() => undefined), restartMs);
  });
  void informer.start().catch(() => undefined);
  return {
    seen,
    cache: () => informer.list(namespace),
    stop() {
      state.isOver = true;
      void informer.stop();
    },
  };
}

interface Writer {
  waitForMore(count: number): Promise<void>;
  /** Resolves when the step that was under way has ended. */
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}

/** Steps through five objects, one step after the other; a step that was not acknowledged is tried again. */
function startWriter(cluster: TestCluster, member: string): Writer {
  const api = connect(cluster, member).makeApiClient(CoreV1Api);
  const state = { isOver: false, isPaused: false, isResting: false, acknowledged: 0, problem: 'none' };
  const steps = new Map<string, number>();
  const run = async (): Promise<void> => {
    for (let turn = 0; !state.isOver; turn += 1) {
      state.isResting = state.isPaused;
      if (state.isPaused) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      const name = `followed-${turn % 5}`;
      try {
        await writeStep(api, name, (steps.get(name) ?? 0) + 1);
        steps.set(name, (steps.get(name) ?? 0) + 1);
        state.acknowledged += 1;
      } catch (error) {
        state.problem = String(error);
        turn -= 1;
        // An error may come without any wait, and a loop of such would let nothing else run.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const running = run();
  return {
    async waitForMore(count) {
      const wanted = state.acknowledged + count;
      await eventually(`${wanted} acknowledged steps`, 30_000, () => {
        assert(state.acknowledged >= wanted, `${state.acknowledged}; last problem: ${state.problem}`);
        return Promise.resolve();
      });
    },
    async pause() {
      state.isPaused = true;
      await eventually('rest of the writer', 30_000, () => {
        assert(state.isResting);
        return Promise.resolve();
      });
    },
    resume() {
      state.isPaused = false;
    },
    async stop() {
      state.isOver = true;
      await running;
    },
  };
}

/** Brings the object to the step, also when an earlier try has done so without an answer. */
async function writeStep(api: CoreV1Api, name: string, step: number): Promise<void> {
  const stored = await api.readNamespacedConfigMap({ name, namespace }).catch(() => undefined);
  if (stored?.data?.['step'] === String(step)) return;
  const labels = { followed: 'yes' };
  const data = { step: String(step) };
  if (stored === undefined) {
    await api.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels }, data } });
  } else {
    await api.replaceNamespacedConfigMap({ name, namespace, body: Object.assign({}, stored, { data }) });
  }
}

/** More old values than the store keeps at any age. */
async function outgrowHistory(api: CoreV1Api): Promise<void> {
  const value = 'x'.repeat(36_000);
  const writeMany = async (name: string): Promise<void> => {
    await api.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: {} } });
    for (let count = 0; count < 140; count += 1) {
      const data = { value, count: String(count) };
      await api.replaceNamespacedConfigMap({ name, namespace, body: { metadata: { name }, data } });
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, index) => writeMany(`bulk-${index}`)));
}

function readStep({ metadata, data }: V1ConfigMap): [string, number] {
  return [metadata?.name ?? '', Number(data?.['step'])];
}

function checkSteps(what: string, steps: readonly number[], isWhole: boolean): void {
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1] ?? step - 1;
    assert(step > before, `${what} saw step ${step} after step ${before}`);
    if (isWhole && index > 0) assert.equal(step, before + 1, `${what} missed what lies before step ${step}`);
  }
}
