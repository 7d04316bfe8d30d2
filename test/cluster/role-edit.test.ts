import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';

import { findMember, onHostOf, runMusterd, stopMember } from '../../scripts/lab/member-process.ts';
import { musterdProgram } from '../../scripts/lab/musterd-program.ts';
import { tryCommand } from '../../scripts/lab/run-command.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';
import { waitUntilServing } from '../../scripts/lab/wait-until-serving.ts';
import type { Member } from '../../src/api/generated/member.ts';
import { clusterTimeoutMs, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { waitUntilDatabaseIsClosed } from '../support/wait-for-database.ts';

const lonelyMs = 8_000; // a dozen elections, and none may succeed

describe('cluster: removed members that meet, and roles that are edited', function () {
  this.timeout(clusterTimeoutMs);
  this.bail(true); // each goes on where the one before it ended
  const cluster = useTestCluster({ name: 'redit', subnet: 26, members: 4 });
  const member = (index: number): LabMember => cluster().lab.member(index);

  it('removes two voters that are down, one after the other', async () => {
    await waitForRoles(1, { voter: 3, 'stand-by': 1 });
    for (const index of [1, 2]) {
      await stopMember(member(index));
      await cluster().kubectl(['delete', 'member', `n${index}`, '--timeout=60s'], { member: 4 });
      // The place of the first has to be taken before the second goes, or no majority is left.
      await waitForRoles(4, index === 1 ? { voter: 3 } : { voter: 1, 'stand-by': 1 });
    }
    await cluster().kubectl(['create', 'configmap', 'kept'], { member: 4 });
  });

  it('lets them found nothing while the others are away, and sends them off when those are back', async () => {
    await Promise.all([stopMember(member(3)), stopMember(member(4))]);
    await Promise.all([cluster().lab.start(member(1)), cluster().lab.start(member(2))]);
    await new Promise((resolve) => {
      setTimeout(resolve, lonelyMs);
    });
    for (const index of [1, 2]) {
      const { code } = await cluster().tryKubectl(['get', 'configmaps', '--request-timeout=3s'], {
        member: index,
      });
      assert.notEqual(code, 0, `n${index} serves`);
      assert.doesNotMatch(await logSinceStart(member(index)), /this member leads the store/);
    }
    await Promise.all([cluster().lab.start(member(3)), cluster().lab.start(member(4))]);
    for (const index of [1, 2]) {
      await eventually(`n${index} has ended`, 60_000, async () => {
        assert.equal(await findMember(member(index)), undefined);
      });
      assert.match(await logSinceStart(member(index)), /says that this member was removed/);
    }
    await waitUntilServing(member(3));
    await waitForRoles(3, { voter: 1, 'stand-by': 1 });
  });

  it('makes the stand-by a voter by an edit when the only voter is lost', async () => {
    const items = await listMembers(3);
    const indexOf = (role: string): number => {
      const found = items.find(({ status }) => status?.databaseRole === role);
      return Number(found?.metadata.name.slice(1));
    };
    const lost = member(indexOf('voter'));
    const left = member(indexOf('stand-by'));
    const toVoter = (yaml: string): string =>
      yaml.replace('role: voter', 'role: spare').replace('role: stand-by', 'role: voter');
    await stopMember(left);
    await assert.rejects(edit(left, toVoter), /these members are running/);
    await cluster().kill(lost);
    await waitUntilDatabaseIsClosed(lost);
    await rm(lost.dataDirectory, { recursive: true });
    await assert.rejects(
      edit(left, (yaml) => yaml.replace('role: voter', 'role: spare')),
      /At least one member must be a "voter"/,
    );
    assert.match(await edit(left, toVoter), /the cluster begins anew/);
    await cluster().lab.start(left);
    await waitUntilServing(left);
    const options = { member: Number(left.name.slice(1)) };
    assert.equal(
      (await cluster().kubectl(['get', 'configmap', 'kept', '-o', 'name'], options)).trim(),
      'configmap/kept',
    );
    await cluster().kubectl(['create', 'configmap', 'after'], options);
  });

  async function listMembers(index: number): Promise<readonly Member[]> {
    return (await cluster().getJson<{ items: Member[] }>(['members'], { member: index })).items;
  }

  async function waitForRoles(index: number, wanted: Readonly<Record<string, number>>): Promise<void> {
    await eventually(`the roles ${JSON.stringify(wanted)}`, 60_000, async () => {
      const roles = (await listMembers(index)).map(({ status }) => status?.databaseRole ?? 'none');
      const counts = Object.fromEntries(
        Object.keys(wanted).map((role) => [role, roles.filter((one) => one === role).length]),
      );
      assert.deepEqual(counts, wanted);
    });
  }
});

async function edit(member: LabMember, change: (yaml: string) => string): Promise<string> {
  const own = ['--data-dir', member.dataDirectory];
  const yaml = await runMusterd(member, ['cluster', 'show', ...own]);
  const [command, ...rest] = onHostOf(member, [...musterdProgram(), 'cluster', 'edit', '--yes', ...own]);
  const result = await tryCommand(command, rest, { timeoutMs: 60_000, input: change(yaml) });
  if (result.code !== 0) throw new Error(result.stderr);
  return result.stdout + result.stderr;
}

async function logSinceStart({ logFile }: LabMember): Promise<string> {
  const log = await readFile(logFile, 'utf8');
  return log.slice(log.lastIndexOf('"starting"'));
}
