import assert from 'node:assert/strict';
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Agent, request } from 'undici';
import { clusters, members } from '../../../src/api/generated/resources.ts';
import { DaemonCluster, eventually, runMusterd } from '../../support/daemon-cluster.ts';

// mocha's limit for each test ends what hangs; a limit for the whole file would depend on the files before it.
const { signal } = new AbortController();

describe('daemon: starts that meet trouble', function () {
  this.timeout(30_000);
  let cluster: DaemonCluster;

  beforeEach(async () => {
    cluster = await DaemonCluster.create();
    assert.equal((await cluster.init('n1')).code, 0);
  });

  afterEach(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const fileOf = (name: string, file: string): string => path.join(cluster.dataDir(name), file);
  const run = (name: string) =>
    runMusterd(['run', '--data-dir', cluster.dataDir(name), '--log-level', 'silent']);

  async function waitUntilOnline(): Promise<void> {
    const clusterApi = cluster.api('n1');
    await eventually('n1 is online', async () => {
      const member = await clusterApi.get(members, { name: 'n1' }, signal);
      return member?.status?.state === 'Online' ? member : undefined;
    });
  }

  it('founds the cluster once, also when the first start was cut off', async () => {
    await cluster.start('n1');
    await waitUntilOnline();
    const clusterApi = cluster.api('n1');
    await clusterApi.mergePatch(clusters, { name: 'cluster' }, { spec: { maxStandby: 1 } }, {}, signal);
    await cluster.stop('n1');

    const config = JSON.parse(await readFile(fileOf('n1', 'config.json'), 'utf8')) as object;
    await writeFile(fileOf('n1', 'config.json'), JSON.stringify({ ...config, isNewCluster: true }));
    await cluster.start('n1');
    await waitUntilOnline();
    const stored = await cluster.api('n1').get(clusters, { name: 'cluster' }, signal);
    assert.equal(stored?.spec?.maxStandby, 1);
  });

  it('does not found a second cluster when its database is lost', async () => {
    await cluster.start('n1');
    await cluster.stop('n1');
    await rename(fileOf('n1', 'dqlite'), fileOf('n1', 'lost'));
    const { code, stderr } = await run('n1');
    assert.equal(code, 1);
    assert.match(stderr, /^musterd: the only member of the cluster cannot start: its database is gone/);
  });

  it('refuses keys of another cluster', async () => {
    assert.equal((await cluster.init('other')).code, 0);
    await copyFile(fileOf('other', 'cluster.crt'), fileOf('n1', 'cluster.crt'));
    const { code, stderr } = await run('n1');
    assert.equal(code, 1);
    assert.match(stderr, /^musterd: the keys in .* cannot be used: .*they are of different clusters\n$/);
  });

  it('refuses a config file that makes no sense', async () => {
    await writeFile(fileOf('n1', 'config.json'), '{"name": "n1"}');
    const { code, stderr } = await run('n1');
    assert.equal(code, 1);
    assert.match(stderr, /config\.json cannot be understood/);
  });

  it('answers everybody whether it is ready', async () => {
    await cluster.start('n1');
    await waitUntilOnline();
    const { address } = await cluster.config('n1');
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    const { statusCode, body } = await request(`https://${address}/readyz`, { dispatcher });
    assert.deepEqual([statusCode, await body.text()], [200, 'ok']);
    await dispatcher.destroy();
  });

  it('says by its status that it does not run', async () => {
    const { code, stdout } = await runMusterd(['status', '--data-dir', cluster.dataDir('n1'), '-o', 'json']);
    assert.equal(code, 1);
    assert.deepEqual((JSON.parse(stdout) as { isRunning: boolean }).isRunning, false);
  });
});
