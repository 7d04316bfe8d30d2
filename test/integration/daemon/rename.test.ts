import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { images, instances, members, storagePools } from '../../../src/api/generated/resources.ts';
import { renameMember } from '../../../src/cli/commands/cluster-rename.ts';
import type { ClusterApi } from '../../../src/runtime/cluster-api.ts';
import { DaemonCluster, eventually } from '../../support/daemon-cluster.ts';
import { MemberProcesses } from '../../support/member-processes.ts';

const { signal } = new AbortController();
const { apiVersion } = members;

/** Real members on simulated hosts, whose instances have pids that outlive musterd like real ones. */
describe('daemon: renaming a member', function () {
  this.timeout(120_000);
  let cluster: DaemonCluster;
  const processes = new MemberProcesses();
  let clusterApi: ClusterApi;

  before(async () => {
    cluster = await DaemonCluster.create();
    const { code, stderr } = await cluster.init('n1');
    assert.equal(code, 0, stderr);
    processes.start('n1', cluster.dataDir('n1'));
    clusterApi = cluster.api('n1');
    await waitForMember('n1');
    const joined = await cluster.join('n2', await cluster.token('n1', 'n2'));
    assert.equal(joined.code, 0, joined.stderr);
    await provideImage('n2');
    processes.start('n2', cluster.dataDir('n2'));
    await waitForMember('n2');
    await runInstance();
  });

  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.log(processes.log('n1'), processes.log('n2'));
  });

  after(async () => {
    await processes[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  async function waitForMember(name: string): Promise<void> {
    await eventually(
      `${name} is online`,
      async () => {
        const member = await clusterApi.get(members, { name }, signal);
        return member?.status?.state === 'Online' ? member : undefined;
      },
      40_000,
    );
  }

  async function provideImage(name: string): Promise<void> {
    const imports = path.join(cluster.dataDir(name), 'import');
    const content = path.join(cluster.root, 'content');
    await mkdir(path.join(content, 'rootfs'), { recursive: true });
    await mkdir(imports, { recursive: true });
    await writeFile(path.join(content, 'metadata.yaml'), 'architecture: x86_64\n');
    const file = path.join(imports, 'small.tar.gz');
    execFileSync('tar', ['-C', content, '-czf', file, './metadata.yaml', './rootfs']);
  }

  async function runInstance(): Promise<void> {
    const metadata = { name: 'small', namespace: 'default' };
    const source = { file: 'small.tar.gz', member: 'n2' };
    await clusterApi.create(images, { apiVersion, kind: 'Image', metadata, spec: { source } }, signal);
    const spec = { image: 'small', profiles: ['default'], placement: { member: 'n2' } };
    const instance = { apiVersion, kind: 'Instance', metadata: { ...metadata, name: 'c1' }, spec };
    await clusterApi.create(instances, instance, signal);
    await eventually('the instance runs', async () => (await readPid()) ?? undefined, 40_000);
  }

  async function readPid(): Promise<number | undefined> {
    const found = await clusterApi.get(instances, { namespace: 'default', name: 'c1' }, signal);
    return found?.status?.state === 'Running' ? found.status.pid : undefined;
  }

  const kubeconfig = (name: string) => ({ kubeconfig: path.join(cluster.dataDir(name), 'admin.kubeconfig') });

  it('renames a member everywhere, and its instances run on', async () => {
    const pid = await readPid();
    const id = (await clusterApi.get(members, { name: 'n2' }, signal))?.status?.id;
    const process = processes.pid('n2');
    await renameMember('n2', 'west', kubeconfig('n1'));

    assert.equal(await clusterApi.get(members, { name: 'n2' }, signal), undefined);
    assert.equal((await clusterApi.get(members, { name: 'west' }, signal))?.status?.id, id);
    const instance = await clusterApi.get(instances, { namespace: 'default', name: 'c1' }, signal);
    assert.deepEqual([instance?.status?.member, instance?.spec.placement?.member], ['west', 'west']);
    const image = await clusterApi.get(images, { namespace: 'default', name: 'small' }, signal);
    assert.equal(image?.spec.source.member, 'west');
    // A controller that sees the new entry before the new Member drops it, and the member writes it again.
    await eventually('the image and the pool on the renamed member', async () => {
      const { status } =
        (await clusterApi.get(images, { namespace: 'default', name: 'small' }, signal)) ?? {};
      const isReady = status?.members?.some(({ name, state }) => name === 'west' && state === 'Ready');
      const [pool] = (await clusterApi.list(storagePools, {}, signal)).items;
      const parts = pool?.status?.members
        ?.map(({ name }) => name)
        .toSorted()
        .join();
      return isReady === true && parts === 'n1,west' ? true : undefined;
    });

    const sim = await readFile(path.join(cluster.dataDir('n2'), 'sim.json'), 'utf8');
    assert.ok(pid !== undefined && sim.includes(`"pid":${pid}`), 'the instance was not started again');
    assert.equal(processes.pid('n2'), process);
    assert.ok(processes.isRunning('n2'), 'the same process goes on');
    assert.equal((await cluster.config('n2')).name, 'west');
  });

  it('is the same member under its new name: it writes its status, and takes its instances down', async () => {
    const place = { namespace: 'default', name: 'c1' };
    await clusterApi.mergePatch(instances, place, { spec: { running: false } }, {}, signal);
    await eventually('the instance is stopped', async () => {
      const found = await clusterApi.get(instances, place, signal);
      return found?.status?.state === 'Stopped' ? found : undefined;
    });
  });

  it('refuses names that are taken, are none, or of nobody', async () => {
    await assert.rejects(renameMember('west', 'n1', kubeconfig('n1')), /a member named "n1" exists already/);
    await assert.rejects(renameMember('west', 'West!', kubeconfig('n1')), /"West!" is no name for a member/);
    await assert.rejects(renameMember('n9', 'n3', kubeconfig('n1')), /member "n9" does not exist/);
  });

  it('says on the Member why a wish was refused that somebody has written himself', async () => {
    const metadata = { annotations: { 'muster.dev/rename-to': 'n1' } };
    await clusterApi.mergePatch(members, { name: 'west' }, { metadata }, {}, signal);
    const refused = await eventually('the wish is refused', async () => {
      const member = await clusterApi.get(members, { name: 'west' }, signal);
      return member?.status?.conditions?.find(({ type, status }) => type === 'Renamed' && status === 'False');
    });
    assert.equal(refused.message, 'it cannot be renamed to "n1": the cluster already has a member named n1');
    const member = await clusterApi.get(members, { name: 'west' }, signal);
    assert.equal(member?.metadata.annotations?.['muster.dev/rename-to'], undefined);
  });

  it('renames the member that leads', async () => {
    await renameMember('n1', 'east', kubeconfig('n1'));
    const { items } = await clusterApi.list(members, {}, signal);
    assert.deepEqual(
      items.map(({ metadata, status }) => [metadata.name, status?.state]),
      [
        ['east', 'Online'],
        ['west', 'Online'],
      ],
    );
  });

  it('keeps the name over a restart, and finishes what was cut short after the cluster took it', async () => {
    await processes.stop('n2');
    const file = path.join(cluster.dataDir('n2'), 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as object;
    // As if it had ended after the store had the new name, and before it wrote it down.
    await writeFile(file, JSON.stringify({ ...config, name: 'n2' }));
    processes.start('n2', cluster.dataDir('n2'));
    await eventually('it takes its name', async () =>
      (await cluster.config('n2')).name === 'west' ? true : undefined,
    );
    await waitForMember('west');
  });
});
