import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { isNotLeader, type DatabaseConnection } from '../../../src/consensus/engine/database.ts';
import { startEngine } from '../../../src/consensus/engine/engine.ts';
import { raftProtocol } from '../../../src/consensus/link/protocols.ts';
import { createTestPki } from '../../support/certificates.ts';
import {
  helperPath,
  startEngineCluster,
  type EngineCluster,
  type EngineNode,
} from '../../support/engine-cluster.ts';
import { startHoldingProxy, type HoldingProxy } from '../../support/holding-proxy.ts';

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
      socketPath: `${directory}/other.sock`,
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

  it('elects a leader when the one before is killed, over TLS between members', async () => {
    cluster = await startEngineCluster(3);
    const { nodes } = cluster;
    const leader = await formCluster(cluster);
    await leader.exec('CREATE TABLE t(a)', [], deadline());
    await leader.exec('INSERT INTO t VALUES(1)', [], deadline());
    killHelper(firstNode(cluster));
    // Its helper starts again, and may win the vote of the others.
    const survivor = await eventually(() => connectToLeader(nodes));
    assert.deepEqual((await survivor.query('SELECT a FROM t', [], deadline())).rows, [[1]]);
    await survivor.exec('INSERT INTO t VALUES(2)', [], deadline());
  });

  it('says by itself on each node that another leads', async () => {
    cluster = await startEngineCluster(3);
    const { nodes } = cluster;
    await formCluster(cluster);
    const others = nodes.slice(1);
    assert.ok(firstNode(cluster).engine.tellsLeader, 'the node does not say who leads');
    const told = new Set<string>();
    for (const { id, engine } of others) engine.onLeader(() => told.add(id));
    killHelper(firstNode(cluster));
    await eventually(() => connectToLeader(nodes));
    await eventually(() => {
      assert.equal(told.size, others.length);
      return Promise.resolve();
    });
    assert.ok(others.every(({ engine }) => engine.tellsLeader));
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
    cluster = await startEngineCluster(2, { impostors: new Map([['2', stranger]]) });
    const leader = await firstNode(cluster).connect();
    await leader.addNode('2', 'member:2', deadline());
    await assert.rejects(leader.assignRole('2', 'voter', AbortSignal.timeout(3_000)));
  });

  it('hangs up on who holds the key of no member, and goes on', async () => {
    const { certPem, keyPem } = await (await createTestPki()).issueMember('n2');
    cluster = await startEngineCluster(1);
    const { link } = firstNode(cluster);
    const options = { host: '127.0.0.1', port: link.port, rejectUnauthorized: false };
    const stranger = { cert: certPem, key: keyPem, ALPNProtocols: [raftProtocol] };
    for (const servername of ['to-1.from-2.muster', 'to-1.from-1.muster']) {
      const socket = connectTls({ ...options, ...stranger, servername });
      let received = 0;
      socket.on('data', (chunk: Buffer) => (received += chunk.length));
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('close', resolve));
      assert.equal(received, 0);
    }
    const connection = await firstNode(cluster).connect();
    assert.deepEqual((await connection.query('SELECT 1', [], deadline())).rows, [[1]]);
  });

  it('trusts keys whose certificates have expired', async () => {
    cluster = await startEngineCluster(2, { issuedAtMs: Date.parse('1990-01-01') });
    const leader = await formCluster(cluster);
    const nodes = await leader.cluster(deadline());
    assert.deepEqual(nodes.map(({ id, address, role }) => `${id} ${address} ${role}`).toSorted(), [
      '1 member:1 voter',
      '2 member:2 voter',
    ]);
  });

  it('cuts a member off as soon as it is removed from the directory', async () => {
    cluster = await startEngineCluster(2);
    const leader = await formCluster(cluster);
    await leader.exec('CREATE TABLE t(a)', [], deadline());
    const [first] = cluster.nodes;
    first?.engine.updatePeers(cluster.peers.slice(0, 1));
    await assert.rejects(leader.exec('INSERT INTO t VALUES(1)', [], AbortSignal.timeout(2_000)));
  });

  it('opens streams anew that hang without being closed', async () => {
    const proxies: HoldingProxy[] = [];
    try {
      cluster = await startEngineCluster(2, {
        async publish(port) {
          const proxy = await startHoldingProxy(port);
          proxies.push(proxy);
          return proxy.address;
        },
      });
      await (await formCluster(cluster)).exec('CREATE TABLE t(a)', [], deadline());
      for (const proxy of proxies) proxy.hold();
      await delay(1_000);
      for (const proxy of proxies) proxy.release();
      const { nodes } = cluster;
      await eventually(async () => {
        const leader = await connectToLeader(nodes);
        await leader.exec('INSERT INTO t VALUES(1)', [], AbortSignal.timeout(2_000));
      });
    } finally {
      for (const proxy of proxies) proxy.close();
    }
  });

  it('answers requests that come at the same time, and drops one that is given up in the queue', async () => {
    cluster = await startEngineCluster(1);
    const connection = await firstNode(cluster).connect();
    const gaveUp = new AbortController();
    const answers = [1, 2, 3].map((value) => connection.query(`SELECT ${value}`, [], deadline()));
    const dropped = assert.rejects(connection.leader(gaveUp.signal), /nobody waits/);
    gaveUp.abort(new Error('nobody waits'));
    await dropped;
    const results = await Promise.all(answers);
    assert.deepEqual(
      results.map(({ rows }) => rows[0]?.[0]),
      [1, 2, 3],
    );
    assert.equal(connection.closed, false);
  });

  it('keeps the write-ahead log short, on the leader and on who follows', async () => {
    cluster = await startEngineCluster(2);
    const leader = await formCluster(cluster);
    await leader.exec('CREATE TABLE t(a)', [], deadline());
    for (let row = 0; row < 600; row += 1) await leader.exec('INSERT INTO t VALUES(1)', [], deadline());
    for (const node of cluster.nodes) {
      const log = (await (await node.connect()).dump(deadline())).get('muster-wal');
      const pages = (log?.byteLength ?? Infinity) / 4_120; // a page and its header
      assert.ok(pages < 300, `${pages} pages for 600 rows on member ${node.id}`);
    }
  });

  it('takes a snapshot by how much was written, not by how often', async () => {
    cluster = await startEngineCluster(1);
    const node = firstNode(cluster);
    const connection = await node.connect();
    const hasSnapshot = (): boolean =>
      readdirSync(node.directory).some((name) => name.startsWith('snapshot-'));
    await connection.exec('CREATE TABLE t(a)', [], deadline());
    for (let row = 0; row < 600; row += 1) await connection.exec('INSERT INTO t VALUES(1)', [], deadline());
    assert.equal(hasSnapshot(), false, 'after 600 entries of a page');
    const big = [new Uint8Array(200_000)];
    await eventually(async () => {
      await connection.exec('INSERT INTO t VALUES(?)', big, deadline());
      assert.ok(hasSnapshot(), 'no snapshot yet');
    });
    killHelper(node);
    const again = await eventually(() => node.connect());
    const count = await eventually(() => again.query('SELECT count(*) FROM t WHERE a = 1', [], deadline()));
    assert.deepEqual(count.rows, [[600]]);
  });

  it('dumps a file that SQLite can read', async () => {
    cluster = await startEngineCluster(1);
    const connection = await firstNode(cluster).connect();
    await connection.exec('CREATE TABLE t(a)', [], deadline());
    const files = await connection.dump(deadline());
    assert.deepEqual([...files.keys()], ['muster', 'muster-wal']);
    assert.deepEqual(readTableNames(files), ['t']);
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

/** Reads a dump as SQLite itself would: the file and its write-ahead log side by side. */
function readTableNames(files: ReadonlyMap<string, Uint8Array>): unknown[] {
  const directory = mkdtempSync(path.join(tmpdir(), 'muster-dump-'));
  try {
    for (const [name, content] of files) writeFileSync(path.join(directory, name), content);
    const database = new DatabaseSync(path.join(directory, 'muster'));
    const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    database.close();
    return rows.map(({ name }) => name);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}
