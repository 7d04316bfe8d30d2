import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { waitUntilUnused } from '../../../src/consensus/engine/wait-until-unused.ts';
import { createDatabaseClient } from '../../../src/consensus/engine/wire/connection.ts';
import { helperPath, startEngineCluster } from '../../support/engine-cluster.ts';
import { eventually } from '../../support/eventually.ts';
import { fillDisk, mountSmallDisk } from '../../support/small-disk.ts';

const mebibyte = 1024 * 1024;

describe('consensus/engine/native', function () {
  this.timeout(30_000);
  let root: string;
  let directory: string;
  const running = new Set<ChildProcess>();

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'muster-helper-'));
    directory = path.join(root, 'data');
    await mkdir(directory);
  });

  afterEach(async () => {
    for (const child of running) child.kill('SIGKILL');
    running.clear();
    await rm(root, { recursive: true, force: true });
  });

  function start(args: readonly string[]): ChildProcess {
    const child = spawn(helperPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  }

  function startNode(...more: readonly string[]): ChildProcess {
    const base = ['run', '--dir', directory, '--id', '1', '--address', 'member:1'];
    return start([...base, '--listen', `${root}/engine.sock`, ...more]);
  }

  async function startReadyNode(...more: readonly string[]): Promise<ChildProcess> {
    const child = startNode(...more);
    const ready = new Promise<void>((resolve) => {
      let said = '';
      // It says who leads too, sooner or later.
      child.stdout?.on('data', (chunk: Buffer) => {
        said += String(chunk);
        if (said.includes('{"state":"ready"}\n')) resolve();
      });
    });
    const early = endOf(child).then(({ complaint }) => assert.fail(`it ended: ${complaint}`));
    early.catch(() => undefined); // it ends later in every test
    await Promise.race([ready, early]);
    return child;
  }

  async function stopNode(child: ChildProcess): Promise<void> {
    child.stdin?.end();
    assert.deepEqual(await once(child, 'close'), [0, null]);
  }

  const refusals = [
    { name: 'no words', args: [], code: 2, says: /usage: muster-dqlite run/ },
    {
      name: 'a number that is none',
      args: ['run', '--dir', '/nowhere', '--id', '1x', '--address', 'a'],
      code: 2,
      says: /1x is not a value/,
    },
    {
      name: 'a directory that is missing',
      args: [...'run --dir /nowhere/at/all --id 1 --address a --listen l'.split(' ')],
      code: 1,
      says: /the database directory \/nowhere\/at\/all cannot be used: No such file or directory/,
    },
  ];
  for (const { name, args, code, says } of refusals) {
    it(`refuses ${name} in a sentence`, async () => {
      const ended = await endOf(start(args));
      assert.equal(ended.code, code);
      assert.match(ended.complaint, says);
    });
  }

  it('refuses a damaged log in a sentence', async () => {
    await writeFile(path.join(directory, '0000000000000001-0000000000000009'), 'not a segment at all');
    const { code, complaint } = await endOf(startNode());
    assert.equal(code, 1);
    assert.match(complaint, /0000000000000001-0000000000000009 is damaged/);
  });

  it('lets a command wait for a node that is stopping', async () => {
    const node = await startReadyNode();
    const early = await endOf(start(['wait', '--dir', directory]));
    assert.equal(early.code, 4);
    assert.match(early.complaint, /another process uses the database directory/);
    const waiting = waitUntilUnused(helperPath, directory);
    await stopNode(node);
    await waiting;
  });

  it('starts beside metadata that a power failure cut off', async () => {
    await stopNode(await startReadyNode());
    await writeFile(path.join(directory, 'metadata2'), Buffer.alloc(12, 1));
    await stopNode(await startReadyNode());
  });

  it('stops in order on SIGTERM and gives its socket away', async () => {
    const child = await startReadyNode();
    const { mode } = await stat(`${root}/engine.sock`);
    assert.equal(mode & 0o777, 0o600);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'close'), [0, null]);
    await assert.rejects(stat(`${root}/engine.sock`), { code: 'ENOENT' });
  });

  it('waits for the node that still stops in the same directory', async () => {
    const first = await startReadyNode();
    const second = startReadyNode('--lock-wait-ms', '5000');
    await stopNode(first);
    await stopNode(await second);
  });

  it('does not let another user in', async () => {
    await startReadyNode();
    // The mode of the socket would keep them out; the helper must not depend on it.
    await chmod(root, 0o755);
    await chmod(`${root}/engine.sock`, 0o666);
    const script = `require('node:net').connect('${root}/engine.sock')
      .on('error', () => process.exit(9)).on('close', () => process.exit(9)).write(Buffer.alloc(24))`;
    const stranger = spawn(process.execPath, ['-e', script], { uid: 65_534, stdio: 'ignore' });
    running.add(stranger);
    const [code] = (await once(stranger, 'close')) as [number | null];
    assert.equal(code, 9);
  });

  it('sets room aside, once, and says when it cannot', async () => {
    const file = path.join(root, 'reserve');
    const reserve = (bytes: number) =>
      endOf(start(['reserve', '--reserve', file, '--reserve-bytes', String(bytes)]));
    for (const bytes of [3 * mebibyte, 8 * mebibyte, mebibyte]) {
      assert.deepEqual(await reserve(bytes), { code: 0, complaint: '' });
    }
    const { size, blocks, mode } = await stat(file);
    assert.deepEqual([size, blocks * 512, mode & 0o777], [8 * mebibyte, 8 * mebibyte, 0o600]);
    const { code, complaint } = await reserve(2 ** 50);
    assert.equal(code, 1);
    assert.match(complaint, /setting \d+ MiB aside failed: /);
    assert.equal((await stat(file)).blocks * 512, 8 * mebibyte);
  });

  it('goes on with what was set aside when another takes every byte', async () => {
    const unmount = await mountSmallDisk(root, 96);
    try {
      await mkdir(directory);
      const file = path.join(root, 'reserve');
      const size = String(32 * mebibyte);
      assert.equal((await endOf(start(['reserve', '--reserve', file, '--reserve-bytes', size]))).code, 0);
      const snapshots = ['--snapshot-threshold', '64', '--snapshot-trailing', '64'];
      const node = await startReadyNode('--reserve', file, ...snapshots);
      const client = createDatabaseClient(`${root}/engine.sock`);
      const connection = await client.connect(AbortSignal.timeout(5_000));
      const signal = AbortSignal.timeout(20_000);
      await connection.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, a)', [], signal);
      // The node still prepares segments, which a measure beforehand knows nothing of.
      await eventually('a full disk', 5_000, () => fillDisk(root, 0));
      // Many times the segments that were prepared while there was room.
      const value = Buffer.alloc(200_000, 'x');
      for (let number = 0; number < 500; number += 1) {
        await connection.exec('INSERT OR REPLACE INTO t VALUES(?, ?)', [BigInt(number % 10), value], signal);
      }
      assert((await stat(file)).size < 32 * mebibyte);
      connection.close();
      await stopNode(node);
      // It comes back on a disk that is still full.
      await stopNode(await startReadyNode('--reserve', file, ...snapshots));
    } finally {
      await unmount();
    }
  });

  it('recovers a cluster from one survivor of three', async () => {
    const cluster = await startEngineCluster(3);
    const [first] = cluster.nodes;
    assert(first !== undefined);
    try {
      const leader = await first.connect();
      for (const id of ['2', '3']) {
        await leader.addNode(id, `member:${id}`, AbortSignal.timeout(5_000));
        await leader.assignRole(id, 'voter', AbortSignal.timeout(5_000));
      }
      await leader.exec('CREATE TABLE t(a)', [], AbortSignal.timeout(5_000));
      await Promise.all(cluster.nodes.map(({ engine }) => engine.close()));
      ({ directory } = first);
      const names = ['--dir', directory, '--id', '1', '--address', 'member:1', '--node', '1,member:1,0'];
      assert.deepEqual(await endOf(start(['recover', ...names])), { code: 0, complaint: '' });
      const child = await startReadyNode();
      const client = createDatabaseClient(`${root}/engine.sock`);
      const connection = await client.connect(AbortSignal.timeout(5_000));
      await connection.exec('INSERT INTO t VALUES(1)', [], AbortSignal.timeout(5_000));
      assert.deepEqual(await connection.cluster(AbortSignal.timeout(5_000)), [
        { id: '1', address: 'member:1', role: 'voter' },
      ]);
      connection.close();
      await stopNode(child);
    } finally {
      await cluster.close();
    }
  });
});

async function endOf(child: ChildProcess): Promise<{ code: number | null; complaint: string }> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, complaint };
}
