import assert from 'node:assert/strict';
import path from 'node:path';

import { runMusterd } from '../../scripts/lab/member-process.ts';
import type { Member } from '../../src/api/generated/member.ts';
import { clusterTimeoutMs, useTestCluster } from '../support/cluster.ts';

describe('cluster: joining by token', function () {
  this.timeout(clusterTimeoutMs);
  const open = useTestCluster({ name: 'join', subnet: 16, members: 1 });

  async function issueToken(name: string): Promise<string> {
    const first = open().lab.member(1);
    return (await runMusterd(first, ['token', name, '--data-dir', first.dataDirectory])).trim();
  }

  /** On the first member's host, which is as good as another: nothing is started. */
  async function join(token: string, directory: string): Promise<string> {
    const first = open().lab.member(1);
    const dataDirectory = path.join(open().directory, directory);
    const address = `${first.ipAddress}:9443`;
    const flags = ['--data-dir', dataDirectory, '--address', address, '--token', token, '--no-run'];
    return runMusterd(first, ['join', ...flags]);
  }

  async function listNames(): Promise<string[]> {
    const { items } = await open().getJson<{ items: Member[] }>(['members']);
    return items.map(({ metadata }) => metadata.name);
  }

  const decode = (token: string) =>
    JSON.parse(Buffer.from(token, 'base64').toString()) as Readonly<Record<string, unknown>>;
  const encode = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64');

  it('issues a token that names the member, the cluster and how to reach it', async () => {
    const content = decode(await issueToken('n2'));
    const fields = ['addresses', 'expires_at', 'fingerprint', 'secret', 'server_name'];
    assert.deepEqual(Object.keys(content).toSorted(), fields);
    assert.equal(content['server_name'], 'n2');
    assert.deepEqual(content['addresses'], [open().lab.member(1).address]);
  });

  const forged = [
    { name: 'for another name', change: { server_name: 'n3' }, want: /join token for n3 is not good/ },
    {
      name: 'with another secret',
      change: { secret: 'f'.repeat(64) },
      want: /join token for n2 is not good/,
    },
    {
      name: 'with the fingerprint of another cluster',
      change: { fingerprint: '0'.repeat(64) },
      want: /another certificate than the one that the token names/,
    },
  ];
  for (const { name, change, want } of forged) {
    it(`refuses a token ${name}`, async () => {
      const token = encode({ ...decode(await issueToken('n2')), ...change });
      await assert.rejects(join(token, 'forged'), want);
      assert.deepEqual(await listNames(), ['n1']);
    });
  }

  it('refuses what is no token', async () => {
    await assert.rejects(join('rubbish', 'rubbish'), /this is not a join token/);
  });

  it('refuses a token that a newer one has replaced', async () => {
    const older = await issueToken('n2');
    await issueToken('n2');
    await assert.rejects(join(older, 'older'), /replaced by a newer one/);
  });

  it('refuses an expired token, whatever the host says', async () => {
    await setExpiry('1S');
    const token = await issueToken('n2');
    await setExpiry('3H');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const content = { ...decode(token), expires_at: '2100-01-01T00:00:00Z' };
    await assert.rejects(join(encode(content), 'late'), /it expired at/);
    await assert.rejects(
      join(encode(content), 'late'),
      /it was used, replaced by a newer one, or never made/,
    );
    assert.deepEqual(await listNames(), ['n1']);
  });

  it('lets a host in once', async () => {
    const token = await issueToken('n2');
    await join(token, 'second');
    assert.deepEqual(await listNames(), ['n1', 'n2']);
    await assert.rejects(join(token, 'second'), /already holds the member n2/);
    await assert.rejects(join(token, 'third'), /another host has used it|it was used/);
    await assert.rejects(issueToken('n2'), /already has a member named n2/);
    assert.deepEqual(await listNames(), ['n1', 'n2']);
  });

  async function setExpiry(joinTokenExpiry: string): Promise<void> {
    await open().kubectl([
      ...['patch', 'cluster', 'cluster', '--type=merge', '-p'],
      JSON.stringify({ spec: { joinTokenExpiry } }),
    ]);
  }
});
