import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from '../../../src/api/generated/image.ts';
import type { Instance } from '../../../src/api/generated/instance.ts';
import { images, instances, networks, profiles, storagePools } from '../../../src/api/generated/resources.ts';
import { isTrue } from '../../../src/api/conditions.ts';
import { musterApiVersion, type KubernetesObject } from '../../../src/api/meta.ts';
import type { ObjectName, Resource } from '../../../src/api/resource.ts';
import { createTestHost, eventually, type TestAgent, type TestHost } from '../../support/host/test-host.ts';

function build(kind: string, name: string, rest: object): KubernetesObject {
  const namespace = ['Instance', 'Image', 'Profile'].includes(kind) ? { namespace: 'default' } : {};
  return { apiVersion: musterApiVersion, kind, metadata: { name, ...namespace, finalizers: [] }, ...rest };
}

function buildInstance(name: string, spec: object = {}): KubernetesObject {
  const instance = build('Instance', name, {
    spec: { image: 'busybox', ...spec },
    status: { member: 'm1', epoch: 1 },
  });
  instance.metadata.finalizers = ['muster.dev/instance'];
  return instance;
}

const web: ObjectName = { namespace: 'default', name: 'web' };

describe('host: hostagent/agent', function () {
  this.timeout(60_000);
  let host: TestHost;
  let agent: TestAgent;

  const create = async (resource: Resource<KubernetesObject>, object: KubernetesObject): Promise<void> => {
    await agent.ask({ verb: 'create', resource, object });
  };
  const getInstance = async (name = web): Promise<Instance | undefined> =>
    (await agent.ask({ verb: 'get', resource: instances, name })) as Instance | undefined;
  const untilReady = async (name = web): Promise<Instance> => {
    const instance = await eventually(
      () => getInstance(name),
      (seen) => isTrue(seen?.status, 'Ready'),
    );
    assert(instance !== undefined);
    return instance;
  };
  const addressOf = (instance: Instance): string =>
    instance.status?.addresses?.find(({ family }) => family === 'inet')?.address ?? 'none';
  const answersPing = (address: string): boolean => {
    try {
      host.run('ping', '-c1', '-W2', address);
      return true;
    } catch {
      return false;
    }
  };

  before(async () => {
    host = await createTestHost('agent');
    agent = await host.startAgent();
    await create(storagePools, build('StoragePool', 'default', { spec: { driver: 'dir' } }));
    const allocated = { status: { ipv4Address: '10.91.7.1/24' } };
    await create(networks, build('Network', 'muster0', { spec: { type: 'bridge' }, ...allocated }));
    const devices = {
      root: { type: 'disk', disk: { path: '/', pool: 'default' } },
      eth0: { type: 'nic', nic: { network: 'muster0' } },
    };
    await create(profiles, build('Profile', 'default', { spec: { devices } }));
    await create(
      images,
      build('Image', 'busybox', { spec: { source: { file: 'busybox.tar.xz', member: 'm1' } } }),
    );
  });

  after(() => {
    host.dispose();
  });

  it('imports an image from a file and tells what it is', async () => {
    const image = await eventually(
      async () =>
        (await agent.ask({
          verb: 'get',
          resource: images,
          name: { namespace: 'default', name: 'busybox' },
        })) as Image,
      ({ status }) => isTrue(status, 'Imported'),
    );
    const { status } = image;
    assert.match(status?.digest ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(
      [status?.members, status?.properties?.['os']],
      [[{ name: 'm1', state: 'Ready' }], 'BusyBox'],
    );
  });

  it('starts an instance that answers a ping at the address it reports', async () => {
    await create(instances, buildInstance('web', { resources: { cpus: 1, memory: '64Mi' } }));
    const instance = await untilReady();
    assert.equal(instance.status?.state, 'Running');
    assert.match(addressOf(instance), /^10\.91\.7\.\d+$/);
    assert(answersPing(addressOf(instance)));
  });

  it('is found by its name from another instance', async () => {
    await create(instances, buildInstance('client'));
    const client = await untilReady({ namespace: 'default', name: 'client' });
    const names = ['-t', `${client.status?.pid ?? 0}`, '-n', '-m', '-r', '-w'];
    const answer = host.run('nsenter', ...names, '/bin/busybox', 'nslookup', '-type=a', 'web.muster');
    assert(answer.includes(addressOf(await untilReady())), answer);
  });

  it('leaves an instance running when it is killed, and takes it over without a restart', async () => {
    const before = await untilReady();
    await agent.kill();
    assert(answersPing(addressOf(before)));
    agent = await host.startAgent();
    await agent.ask({
      verb: 'patch',
      resource: instances,
      name: web,
      patch: { spec: { description: 'seen' } },
    });
    await eventually(getInstance, (seen) => seen?.status?.state === 'Running');
    const after = await untilReady();
    assert.deepEqual(after.status?.pid, before.status?.pid);
    assert.deepEqual(after.status?.startedAt, before.status?.startedAt);
  });

  it('starts an instance again that ended by itself', async () => {
    const before = await untilReady();
    process.kill(before.status?.pid ?? 0, 'SIGKILL');
    const after = await eventually(
      getInstance,
      (seen) => isTrue(seen?.status, 'Ready') && seen?.status?.pid !== before.status?.pid,
    );
    assert.equal(addressOf(after as Instance), addressOf(before));
  });

  it('stops and starts it as the spec says', async () => {
    const patch = (running: boolean): Promise<unknown> =>
      agent.ask({ verb: 'patch', resource: instances, name: web, patch: { spec: { running } } });
    await patch(false);
    const stopped = await eventually(getInstance, (seen) => seen?.status?.state === 'Stopped');
    assert(isTrue(stopped?.status, 'Ready'));
    assert.equal(stopped?.status?.addresses, undefined);
    await patch(true);
    await eventually(
      getInstance,
      (seen) => seen?.status?.state === 'Running' && isTrue(seen.status, 'Ready'),
    );
  });

  it('says what is missing when it cannot go on', async () => {
    const devices = { eth0: { type: 'nic', nic: { network: 'nowhere' } } };
    await create(instances, buildInstance('lost', { devices }));
    const name = { namespace: 'default', name: 'lost' };
    const instance = await eventually(
      () => getInstance(name),
      (seen) => seen?.status?.conditions?.some(({ reason }) => reason === 'NetworkNotReady') ?? false,
    );
    assert.equal(instance?.status?.state, 'Pending');
    await agent.ask({ verb: 'delete', resource: instances, name });
    await eventually(
      () => getInstance(name),
      (seen) => seen === undefined,
    );
  });

  it('removes what was deleted while it was away, and nothing else', async () => {
    const client = await untilReady({ namespace: 'default', name: 'client' });
    await agent.kill();
    // As if the finalizer had been taken away by force.
    const file = join(host.dataDir, 'objects.json');
    const objects = JSON.parse(readFileSync(file, 'utf8')) as KubernetesObject[];
    writeFileSync(file, JSON.stringify(objects.filter(({ metadata }) => metadata.name !== 'client')));
    agent = await host.startAgent();
    await eventually(
      () => existsSync(join(host.dataDir, 'instances', 'default_client')),
      (isThere) => !isThere,
    );
    assert(!existsSync(`/proc/${client.status?.pid ?? 0}/stat`));
    assert.equal((await untilReady()).status?.state, 'Running');
  });

  it('leaves nothing on the host when everything is deleted', async () => {
    await agent.ask({ verb: 'delete', resource: instances, name: web });
    await eventually(getInstance, (seen) => seen === undefined);
    for (const resource of [storagePools, networks, images]) {
      const name =
        resource === images
          ? { namespace: 'default', name: 'busybox' }
          : { name: resource === networks ? 'muster0' : 'default' };
      const unused = [
        { type: 'InUse', status: 'False', reason: 'Unused', message: '', lastTransitionTime: '' },
      ];
      await agent.ask({
        verb: 'patch',
        resource,
        name,
        patch: { metadata: { finalizers: ['muster.dev/in-use'] }, status: { conditions: unused } },
      });
      await agent.ask({ verb: 'delete', resource, name });
      await eventually(
        async () => (await agent.ask({ verb: 'get', resource, name })) as Image,
        ({ status }) => status?.members?.length === 0,
      );
    }
    await agent.stop();
    await eventually(
      () => host.findLeftovers(),
      (left) => left.length === 0,
    );
    const files = ['instances', 'networks', 'pools', 'images'].flatMap((folder) =>
      readdirSync(join(host.dataDir, folder)),
    );
    assert.deepEqual(files, ['attach-nic']);
  });
});
