import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';

import { Agent, request } from 'undici';

import { isApiError } from '../../../src/api/api-error.ts';
import { configMaps } from '../../../src/api/builtin.ts';
import { members } from '../../../src/api/generated/resources.ts';
import { DaemonCluster, eventually } from '../../support/daemon-cluster.ts';
import { createClient, type Kubectl, type KubectlResult } from '../../support/run-kubectl.ts';
import { fillDisk, freeDisk, mountSmallDisk } from '../../support/small-disk.ts';

const diskMebibytes = 240;
const mebibyte = 1024 * 1024;
const { signal } = new AbortController();

describe('daemon: a disk that runs full', function () {
  this.timeout(60_000);
  let cluster: DaemonCluster;
  let kubectl: Kubectl;
  const cleanUps: (() => Promise<void>)[] = [];

  before(async () => {
    cluster = await DaemonCluster.create();
    const unmount = await mountSmallDisk(cluster.dataDir('n1'), diskMebibytes);
    cleanUps.push(unmount);
    assert.equal((await cluster.init('n1')).code, 0);
    await cluster.start('n1');
    const kubeconfig = path.join(cluster.dataDir('n1'), 'admin.kubeconfig');
    kubectl = createClient('kubectl', cluster.root, ['--kubeconfig', kubeconfig]);
    await eventually('room that is set aside', async () => {
      const { size } = await stat(path.join(cluster.dataDir('n1'), 'reserve'));
      return size >= 32 * mebibyte ? size : undefined;
    });
  });

  after(async () => {
    await cluster.stop('n1');
    for (const cleanUp of cleanUps) await cleanUp();
    await cluster[Symbol.asyncDispose]();
  });

  const create = (name: string): Promise<KubectlResult> =>
    kubectl.run(['create', 'configmap', name, '--from-literal', `pad=${'x'.repeat(2_000)}`]);
  const succeed = async (args: readonly string[]): Promise<void> => {
    const { code, stderr } = await kubectl.run(args);
    assert.equal(code, 0, stderr);
  };
  const readDiskCondition = async () => {
    const member = await cluster.api('n1').get(members, { name: 'n1' }, signal);
    return member?.status?.conditions?.find(({ type }) => type === 'DiskPressure');
  };

  async function ask(where: string) {
    const { address } = await cluster.config('n1');
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    try {
      const answer = await request(`https://${address}${where}`, { dispatcher });
      return { code: answer.statusCode, text: await answer.body.text() };
    } finally {
      await dispatcher.destroy();
    }
  }

  it('refuses what grows, says why everywhere, still deletes, and recovers by itself', async () => {
    for (let number = 1; number <= 5; number += 1) {
      await eventually('a create that is taken', async () => {
        const { code, stderr } = await create(`old-${number}`);
        assert.equal(code, 0, stderr);
        return true;
      });
    }
    await fillDisk(cluster.dataDir('n1'), 0);

    const refused = await eventually('a create that is refused', async () => {
      const result = await create(`new-${Math.random()}`);
      return result.code === 0 ? undefined : result;
    });
    assert.match(refused.stderr, /the store has no room: .*the disk of n1 is nearly full/);
    // The look at the disk that the first refusal comes from may be of a moment at which it was still being filled.
    await eventually('a refusal by the full disk', async () => {
      const metadata = { name: `new-${Math.random()}`, namespace: 'default' };
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
      await assert.rejects(cluster.api('n1').create(configMaps, map, signal), (error) => {
        assert(isApiError(error));
        const { kind, status, reason, code, message = '' } = error.status;
        const told = [kind, status, reason, code];
        assert.deepEqual(told, ['Status', 'Failure', 'InsufficientStorage', 507]);
        assert.match(message, /n1: 0 MiB left where the database needs \d+ MiB, and \d+ MiB set aside/);
        assert.match(message, /deleting is still possible, and makes room$/);
        return true;
      });
      return true;
    });

    await eventually('a Member that tells of it', async () => {
      const condition = await readDiskCondition();
      return condition?.reason === 'DiskFull' && condition.status === 'True' ? condition : undefined;
    });
    const ready = await ask('/readyz');
    assert.equal(ready.code, 500);
    assert.match(ready.text, /\[-\]disk failed: the disk of the database is full: 0 MiB left/);
    assert.equal((await ask('/livez')).code, 200);

    await succeed(['get', 'configmap', 'old-1']);
    for (const number of [1, 2]) await succeed(['delete', 'configmap', `old-${number}`]);
    await cluster.stop('n1');
    await cluster.start('n1');
    for (const number of [3, 4, 5]) {
      await eventually('a deletion after a start on the full disk', async () => {
        await succeed(['delete', 'configmap', `old-${number}`, '--ignore-not-found']);
        return true;
      });
    }

    await freeDisk(cluster.dataDir('n1'));
    await eventually('a create after it', async () => {
      const { code, stderr } = await create('after');
      assert.equal(code, 0, stderr);
      return true;
    });
    await eventually('a Member that is well', async () => {
      const condition = await readDiskCondition();
      return condition?.status === 'False' ? condition : undefined;
    });
    assert.deepEqual(await ask('/readyz'), { code: 200, text: 'ok' });
  });
});
