import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Event } from '../../src/api/builtin.ts';
import { clusterTimeoutMs, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import {
  applyImage,
  buildInstance,
  listInstances,
  readContainers,
  waitForState,
  waitUntilReady,
} from '../support/instances.ts';

const folder = 'manifests';
const web = buildInstance('web-1', { running: true });

describe('cluster: a directory of manifests', function () {
  this.timeout(clusterTimeoutMs);
  const open = useTestCluster({
    name: 'files',
    subnet: 17,
    members: 3,
    // Not on the member that leads: what is applied goes through the API like anybody's.
    runArguments: ({ name }, directory) =>
      name === 'n2' ? ['--manifests', path.join(directory, folder)] : [],
    async prepare(cluster) {
      await mkdir(path.join(cluster.directory, folder));
      await applyImage(cluster);
    },
  });

  const pathOf = (file: string): string => path.join(open().directory, folder, file);

  /** As editors do it: a new file takes the place of the old one. */
  async function writeText(file: string, text: string): Promise<void> {
    await writeFile(pathOf(`.${file}.draft`), text);
    await rename(pathOf(`.${file}.draft`), pathOf(file));
  }

  const write = (file: string, objects: readonly object[]): Promise<void> =>
    writeText(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));

  async function waitForNames(want: readonly string[]): Promise<void> {
    await eventually(`instances ${want.join(', ')}`, 30_000, async () => {
      const names = (await listInstances(open())).map(({ metadata }) => metadata.name);
      assert.deepEqual(names, want);
    });
  }

  async function waitForWarning(pattern: RegExp): Promise<void> {
    await eventually(`warning like ${String(pattern)}`, 15_000, async () => {
      const { items } = await open().getJson<{ items: Event[] }>(['events', '-n', 'muster-system']);
      const warnings = items.filter(({ type }) => type === 'Warning').map(({ message }) => message ?? '');
      assert(
        warnings.some((message) => pattern.test(message)),
        warnings.join('\n'),
      );
    });
  }

  it('applies what lies there', async () => {
    await write('web.yaml', [web, buildInstance('web-2')]);
    await write('db.yaml', [buildInstance('db')]);
    await waitForNames(['db', 'web-1', 'web-2']);
    await waitUntilReady(open(), ['db', 'web-1', 'web-2']);
  });

  it('applies a changed file, and nothing else', async () => {
    await write('db.yaml', [buildInstance('db', { running: false })]);
    await waitForState(open(), 'db', 'Stopped');
    const states = (await listInstances(open())).map(({ status }) => status?.state);
    assert.deepEqual(states, ['Stopped', 'Running', 'Running']);
  });

  it('puts back what somebody has changed by hand', async () => {
    await open().kubectl(['patch', 'instance', 'web-1', '--type=merge', '-p', '{"spec":{"running":false}}']);
    await write('db.yaml', [buildInstance('db', { running: false, description: 'a database' })]);
    await eventually('web-1 that shall run', 30_000, async () => {
      const [, found] = await listInstances(open());
      assert.equal(found?.spec.running, true);
    });
    await waitUntilReady(open(), ['web-1']);
  });

  it('deletes what was removed from a file, and with it its container', async () => {
    await write('web.yaml', [web]);
    await waitForNames(['db', 'web-1']);
    await rm(pathOf('db.yaml'));
    await waitForNames(['web-1']);
    const containers = await Promise.all((await open().lab.listMembers()).map(readContainers));
    assert.deepEqual(
      containers.flatMap((one) => Object.keys(one)),
      ['default_web-1'],
    );
  });

  it('tells of a broken file by an Event, and leaves the rest alone', async () => {
    await writeText('web.yaml', 'kind: Instance\n\tmetadata: {');
    await write('more.yaml', [buildInstance('more')]);
    await waitForWarning(/^web\.yaml:2: /);
    await waitForNames(['more', 'web-1']);
    await waitUntilReady(open(), ['more', 'web-1']);
  });

  it('tells of an object that the API refuses, and applies its neighbours', async () => {
    await write('mixed.yaml', [
      { ...buildInstance('bad'), spec: { image: 'busybox', type: 'virtual-machine' } },
      buildInstance('good'),
    ]);
    await waitForWarning(/^mixed\.yaml:1: Instance default\/bad: .*"virtual-machine": not served/);
    await waitForNames(['good', 'more', 'web-1']);
  });

  it('catches up with what changed while the member was down', async () => {
    const member = open().lab.member(2);
    await open().kill(member);
    await rm(pathOf('mixed.yaml'));
    await write('web.yaml', [buildInstance('web-1', { description: 'mended' })]);
    await open().lab.start(member);
    await waitForNames(['more', 'web-1']);
    await eventually('mended instance', 10_000, async () => {
      assert.equal((await listInstances(open())).at(-1)?.spec.description, 'mended');
    });
  });
});
