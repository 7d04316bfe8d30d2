import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { isNotLeader, type DatabaseConnection } from '../../../src/consensus/engine/database.ts';
import { startEngine } from '../../../src/consensus/engine/engine.ts';
import { createTestPki } from '../../support/certificates.ts';
import {
  helperPath,
  startEngineCluster,
  type EngineCluster,
  type EngineNode,
} from '../../support/engine-cluster.ts';

const deadline = () => AbortSignal.timeout(10_000);

describe('consensus/engine', function () {
  this.timeout(60_000);
  let cluster: EngineCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  it('stores rows with every type of value and reads them back', async () => {
    cluster = await startEngineCluster(1);
    const connection = await firstNode(cluster).connect();
    await connection.exec('CREATE TABLE t(a INTEGER, b TEXT, c BLOB, d REAL, e)', [], deadline());
    const blob = new Uint8Array([0, 1, 255]);
    await connection.exec('INSERT INTO t VALUES(?, ?, ?, ?, ?)', [-5, 'häß', blob, 0.5, null], deadline());
    const { columns, rows } = await connection.query('SELECT * FROM t', [], deadline());
    assert.deepEqual(
      [columns, rows.map((row) => row.map(plain))],
      [['a', 'b', 'c', 'd', 'e'], [[-5, 'häß', [0, 1, 255], 0.5, null]]],
    );
  });

  it('answers a result of several messages whole', async () => {
    cluster = await startEngineCluster(1);
    const connection = await firstNode(cluster).connect();
    await connection.exec('CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)', [], deadline());
    const values = Array.from({ length: 100 }, (_, index) => [index, new Uint8Array(1_000)]).flat();
    const places = Array.from({ length: 100 }, () => '(?, ?)').join(', ');
    await connection.exec(`INSERT INTO t VALUES ${places}`, values, deadline());
    const { rows } = await connection.query('SELECT a FROM t ORDER BY a', [], deadline());
    assert.deepEqual(
      rows.map(([a]) => a),
      Array.from({ length: 100 }, (_, index) => index),
    );
  });

  it('goes on after a refused statement', async () => {
    cluster = await startEngineCluster(1);
    const connection = await firstNode(cluster).connect();
    await assert.rejects(connection.exec('NONSENSE', [], deadline()), /syntax error/);
    assert.deepEqual((await connection.query('SELECT 1', [], deadline())).rows, [[1]]);
  });

  it('refuses a second node on the same directory with a plain sentence', async () => {
    cluster = await startEngineCluster(1);
    const { directory } = firstNode(cluster);
    const second = startEngine({
      helperPath,
      directory,
      id: '1',
      sockets: { engine: `${directory}/other.sock`, dial: `${directory}/dial.sock` },
      failureDomain: 0,
      timing: { lockWaitMs: 0 },
      clock: systemClock,
      logger: silentLogger,
    });
    await assert.rejects(second, /another process uses the database directory/);
  });

  it('starts the helper again when it was killed, with all data', async () => {
    cluster = await startEngineCluster(1);
    const node = firstNode(cluster);
    const connection = await node.connect();
    await connection.exec('CREATE TABLE t(a)', [], deadline());
    await connection.exec('INSERT INTO t VALUES(7)', [], deadline());
    killHelper(node);
    const again = await eventually(() => node.connect());
    assert.deepEqual((await eventually(() => again.query('SELECT a FROM t', [], deadline()))).rows, [[7]]);
  });

  it('elects another voter when the leader is killed, over TLS between members', async () => {
    cluster = await startEngineCluster(3);
    const [first, second, third] = cluster.nodes;
    assert(first && second && third);
    const leader = await formCluster(cluster);
    await leader.exec('CREATE TABLE t(a)', [], deadline());
    await leader.exec('INSERT INTO t VALUES(1)', [], deadline());
    killHelper(first);
    const survivor = await eventually(() => connectToLeader([second, third]));
    assert.deepEqual((await survivor.query('SELECT a FROM t', [], deadline())).rows, [[1]]);
    await survivor.exec('INSERT INTO t VALUES(2)', [], deadline());
  });

  it('keeps the leader while the main thread is blocked most of the time', async () => {
    cluster = await startEngineCluster(3);
    const leader = await formCluster(cluster);
    const before = await leader.leader(deadline());
    const end = performance.now() + 3_000;
    while (performance.now() < end) {
      const busyUntil = performance.now() + 400;
      while (performance.now() < busyUntil);
      await delay(10);
    }
    assert.deepEqual(await leader.leader(deadline()), before);
  });

  it('refuses a member that answers with another key', async () => {
    const stranger = await (await createTestPki()).issueMember('n2');
    cluster = await startEngineCluster(2, new Map([['2', stranger]]));
    const leader = await firstNode(cluster).connect();
    await leader.addNode('2', 'member:2', deadline());
    await assert.rejects(leader.assignRole('2', 'voter', AbortSignal.timeout(3_000)));
  });
});

function firstNode({ nodes }: EngineCluster): EngineNode {
  const [node] = nodes;
  assert(node);
  return node;
}

async function formCluster(cluster: EngineCluster): Promise<DatabaseConnection> {
  const leader = await firstNode(cluster).connect();
  for (const { id } of cluster.nodes.slice(1)) {
    await leader.addNode(id, `member:${id}`, deadline());
    await leader.assignRole(id, 'voter', deadline());
  }
  return leader;
}

async function connectToLeader(nodes: readonly EngineNode[]): Promise<DatabaseConnection> {
  for (const node of nodes) {
    const connection = await node.connect();
    try {
      await connection.query('SELECT 1', [], deadline());
      return connection;
    } catch (error) {
      connection.close();
      if (!isNotLeader(error)) throw error;
    }
  }
  throw new Error('none of them leads');
}

function killHelper({ engine }: EngineNode): void {
  assert(engine.pid !== undefined);
  process.kill(engine.pid, 'SIGKILL');
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + 15_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await delay(50);
    }
  }
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}
