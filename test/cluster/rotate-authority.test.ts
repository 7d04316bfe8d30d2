import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { stopMember } from '../../scripts/lab/member-process.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';
import { waitUntilServing } from '../../scripts/lab/wait-until-serving.ts';
import { findCondition } from '../../src/api/conditions.ts';
import type { Cluster } from '../../src/api/generated/cluster.ts';
import { rotateAuthority } from '../../src/cli/commands/rotate-authority.ts';
import { clusterTimeoutMs, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { findLeader } from '../support/member-roles.ts';

/** The kubeconfig of `cluster()` is a copy of before, as people have it; that on each host follows. */
describe("cluster: exchanging the authority's key while a member is off", function () {
  this.timeout(clusterTimeoutMs);
  this.bail(true); // each goes on where the one before it ended
  const cluster = useTestCluster({ name: 'authx', subnet: 28, members: 3 });
  const member = (index: number): LabMember => cluster().lab.member(index);
  const adminOf = (index: number): string => path.join(member(index).dataDirectory, 'admin.kubeconfig');
  /** kubectl with the file that is on the host of that member. */
  const asAdmin = (index: number, ...args: readonly string[]) =>
    cluster().tryKubectl(['--kubeconfig', adminOf(index), '--context', 'muster', ...args]);

  async function say(): Promise<string> {
    const found = await asAdmin(1, 'get', 'cluster', 'cluster', '-o', 'json');
    const said = findCondition((JSON.parse(found.stdout) as Cluster).status, 'AuthorityExchanged');
    return `${said?.reason}: ${said?.message}`;
  }

  it('goes on when the leader is killed in the middle of a step', async () => {
    await cluster().kubectl([
      ...['patch', 'cluster', 'cluster', '--type=merge'],
      ...['-p', '{"spec":{"offlineThresholdSeconds":11}}'],
    ]);
    const { leader, other } = await findLeader(cluster());
    assert.notEqual(leader.name, 'n3');
    await stopMember(member(3));
    // It waits for n3 until that is known to be off.
    const rotating = rotateAuthority({ kubeconfig: adminOf(other) });
    await eventually('it has begun', 20_000, async () => {
      assert.match(await say(), /^Trusted: .*waiting for/);
    });
    await cluster().kill(leader);
    await cluster().lab.start(leader);
    await rotating;
    await eventually('the new one signs', 20_000, async () => {
      assert.match(await say(), /^Signing: .*n3 follows when it is back$/);
    });
  });

  it('lets kubeconfigs of before work on, beside those of the hosts', async () => {
    for (const index of [1, 2]) {
      await cluster().kubectl(['get', 'members'], { member: index });
      const { code, stderr } = await asAdmin(index, 'get', 'members');
      assert.equal(code, 0, stderr);
    }
    await cluster().kubectl(['create', 'configmap', 'during']);
  });

  it('refuses them once the former one has ended, and goes on with the others', async () => {
    await rotateAuthority({ kubeconfig: adminOf(2), now: true });
    for (const index of [1, 2]) {
      const refused = await cluster().tryKubectl(['get', 'members'], { member: index });
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr, /x509: certificate signed by unknown authority|Unauthorized/);
      const { code, stderr } = await asAdmin(index, 'create', 'configmap', `after-${index}`);
      assert.equal(code, 0, stderr);
    }
    assert.match(await say(), /^Ended: .*n3 follows when it is back$/);
  });

  it('is followed by a member that was off during all of it', async () => {
    await cluster().lab.start(member(3));
    await waitUntilServing(member(3));
    await eventually('all have finished', 60_000, async () => {
      assert.match(await say(), /^Exchanged: every member has the new authority/);
    });
    const { code, stdout, stderr } = await asAdmin(3, 'get', 'configmaps', '-o', 'name');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /configmap\/after-2/);
    const files = [1, 2, 3].map((index) => path.join(member(index).dataDirectory, 'cluster.crt'));
    assert.equal(new Set(await Promise.all(files.map((file) => readFile(file, 'utf8')))).size, 1);
    const all = JSON.parse((await asAdmin(3, 'get', 'members', '-o', 'json')).stdout) as {
      items: { status: { state: string } }[];
    };
    assert.deepEqual(
      all.items.map(({ status }) => status.state),
      ['Online', 'Online', 'Online'],
    );
  });

  it('has told each step in an Event, and a key to nobody', async () => {
    const selector = 'involvedObject.kind=Cluster,involvedObject.name=cluster';
    const { stdout } = await asAdmin(
      1,
      'get',
      'events',
      '--field-selector',
      selector,
      '-o',
      'jsonpath={.items[*].reason}',
    );
    for (const reason of ['Trusted', 'Signing', 'Ended', 'Exchanged']) {
      assert(stdout.split(' ').includes(reason), stdout);
    }
    const key = await readFile(path.join(member(1).dataDirectory, 'cluster.key'), 'utf8');
    const line = key.split('\n')[1] ?? '';
    assert(line.length > 40);
    for (const index of [1, 2, 3]) {
      const log = await readFile(member(index).logFile, 'utf8');
      assert(!log.includes(line) && !log.includes('PRIVATE KEY'));
    }
  });
});
