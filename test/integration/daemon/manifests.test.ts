import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { configMaps, events } from '../../../src/api/builtin.ts';
import { isApiError } from '../../../src/api/api-error.ts';
import type { ClusterApi } from '../../../src/runtime/cluster-api.ts';
import { DaemonCluster, eventually } from '../../support/daemon-cluster.ts';

// mocha's limit for each test ends what hangs; a limit for the whole file would depend on the files before it.
const { signal } = new AbortController();
const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: '${value}'\n`;

describe('daemon: a directory of manifests', function () {
  this.timeout(30_000);
  let cluster: DaemonCluster;
  let clusterApi: ClusterApi;
  let directory: string;

  before(async () => {
    cluster = await DaemonCluster.create();
    directory = path.join(cluster.root, 'manifests');
    await mkdir(directory);
    await write('a.yaml', `${configMap('one', '1')}---\n${configMap('two', '1')}`);
    assert.equal((await cluster.init('n1')).code, 0);
    await cluster.start('n1', [directory]);
    clusterApi = cluster.api('n1');
  });

  after(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  /** As editors do it: a new file takes the place of the old one. */
  async function write(file: string, text: string): Promise<void> {
    await writeFile(path.join(directory, `.${file}.draft`), text);
    await rename(path.join(directory, `.${file}.draft`), path.join(directory, file));
  }

  const valueOf = async (name: string): Promise<string | undefined> =>
    (await clusterApi.get(configMaps, { name, namespace: 'default' }, signal))?.data?.['value'];

  async function waitForValue(name: string, want: string | undefined): Promise<void> {
    await eventually(`${name} is ${String(want)}`, async () =>
      (await valueOf(name)) === want ? true : undefined,
    );
  }

  async function waitForWarning(pattern: RegExp): Promise<void> {
    await eventually(`a warning like ${String(pattern)}`, async () => {
      const { items } = await clusterApi.list(events, { namespace: 'muster-system' }, signal);
      return items.find(({ type, message }) => type === 'Warning' && pattern.test(message ?? ''));
    });
  }

  it('applies what lies there at the start', async () => {
    await waitForValue('one', '1');
    await waitForValue('two', '1');
  });

  it('follows a change, and leaves foreign fields alone', async () => {
    const foreign = { data: { mine: 'x' } };
    await clusterApi.mergePatch(configMaps, { name: 'one', namespace: 'default' }, foreign, {}, signal);
    await write('a.yaml', `${configMap('one', '2')}---\n${configMap('two', '1')}`);
    await waitForValue('one', '2');
    const stored = await clusterApi.get(configMaps, { name: 'one', namespace: 'default' }, signal);
    assert.equal(stored?.data?.['mine'], 'x');
  });

  it('deletes what vanished from a file, and nothing else', async () => {
    await write('b.yaml', configMap('three', '1'));
    await waitForValue('three', '1');
    await write('a.yaml', configMap('one', '2'));
    await waitForValue('two', undefined);
    assert.deepEqual([await valueOf('one'), await valueOf('three')], ['2', '1']);
  });

  it('tells of a broken file by file and line, keeps what it held, and goes on with the rest', async () => {
    await write('a.yaml', `${configMap('one', '3')}\tbroken: yes\n`);
    await write('c.yaml', configMap('four', '1'));
    await waitForWarning(/^a\.yaml:7: /);
    await waitForValue('four', '1');
    assert.equal(await valueOf('one'), '2');
    await write('a.yaml', configMap('one', '4'));
    await waitForValue('one', '4');
  });

  it('tells of an object that the API refuses', async () => {
    await write(
      'd.yaml',
      `${configMap('five', '1')}---\napiVersion: nowhere/v1\nkind: Thing\nmetadata: {name: x}\n`,
    );
    await waitForWarning(/^d\.yaml:8: this cluster has no kind Thing in nowhere\/v1/);
    await write(
      'e.yaml',
      'apiVersion: muster.dev/v1alpha1\nkind: StoragePool\nmetadata: {name: p}\nspec: {driver: floppy}\n',
    );
    await waitForWarning(/^e\.yaml:1: StoragePool p: .*spec\.driver/);
    assert.equal(await valueOf('five'), '1');
  });

  it('deletes everything of a file that is gone', async () => {
    await rm(path.join(directory, 'c.yaml'));
    await waitForValue('four', undefined);
  });

  it('does not take away what somebody else has taken over', async () => {
    await write('f.yaml', configMap('six', '1'));
    await waitForValue('six', '1');
    const mine = { metadata: { annotations: { 'muster.dev/manifest': null } } };
    await clusterApi.mergePatch(configMaps, { name: 'six', namespace: 'default' }, mine, {}, signal);
    await rm(path.join(directory, 'f.yaml'));
    await write('g.yaml', configMap('seven', '1'));
    await waitForValue('seven', '1');
    await eventually('the file is forgotten', async () => {
      const { items } = await clusterApi.list(configMaps, { namespace: 'muster-system' }, signal);
      return items.every(({ data }) => data?.['inventory.json']?.includes('f.yaml') !== true) || undefined;
    });
    assert.equal(await valueOf('six'), '1');
  });

  it('remembers over a restart what it has applied', async () => {
    await cluster.stop('n1');
    await rm(path.join(directory, 'g.yaml'));
    await cluster.start('n1', [directory]);
    clusterApi = cluster.api('n1');
    await eventually('seven is gone', async () => {
      try {
        return (await valueOf('seven')) === undefined || undefined;
      } catch (error) {
        if (isApiError(error)) return undefined;
        throw error;
      }
    });
  });
});
