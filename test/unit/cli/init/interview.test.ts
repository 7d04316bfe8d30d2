import assert from 'node:assert/strict';
import { encodeJoinToken } from '../../../../src/api/join-token.ts';
import type { Asker } from '../../../../src/cli/init/asker.ts';
import { formatPreseed } from '../../../../src/cli/init/format-preseed.ts';
import { interview, type JoinQuestion } from '../../../../src/cli/init/interview.ts';
import { parsePreseed } from '../../../../src/cli/init/parse-preseed.ts';

const host = { name: 'here', address: '192.0.2.9' };
const token = encodeJoinToken({
  serverName: 'n2',
  fingerprint: 'ab'.repeat(32),
  addresses: ['192.0.2.1:8443'],
  secret: 'cd'.repeat(32),
  expiresAt: '2030-01-01T00:00:00Z',
});

/** Answers by the first word of the script that the question contains; an unanswered one takes its default. */
function scriptedAsker(answers: Readonly<Record<string, string>>) {
  const problems: string[] = [];
  const find = (question: string): string | undefined =>
    Object.entries(answers).find(([part]) => question.includes(part))?.[1];
  const asker: Asker = {
    text(question, { byDefault = '', check } = {}) {
      const answer = find(question) ?? byDefault;
      const problem = check?.(answer);
      if (problem !== undefined) problems.push(problem);
      return Promise.resolve(answer);
    },
    yesNo: (question, byDefault) => Promise.resolve((find(question) ?? (byDefault ? 'yes' : 'no')) === 'yes'),
    tell: () => undefined,
  };
  return { asker, problems };
}

function ask(answers: Readonly<Record<string, string>>, questions: readonly JoinQuestion[] = []) {
  const { asker, problems } = scriptedAsker(answers);
  const lookUpQuestions = () => Promise.resolve(questions);
  return interview({ asker, host, lookUpQuestions }).then((preseed) => ({ preseed, problems }));
}

describe('cli/init/interview', () => {
  it('founds a cluster when every default is taken', async () => {
    const { preseed, problems } = await ask({});
    assert.deepEqual(problems, []);
    assert.deepEqual(preseed.cluster, { enabled: true, serverName: 'here', memberConfig: [] });
    assert.deepEqual(preseed.config, { 'cluster.https_address': '192.0.2.9:8443' });
    assert.deepEqual(preseed.storagePools, [{ name: 'local', driver: 'dir', config: {} }]);
    assert.deepEqual(preseed.networks, [
      { name: 'musterbr0', type: 'bridge', config: { 'ipv4.address': 'auto' } },
    ]);
  });

  it('asks a joining host for its token, and what the cluster wants to know', async () => {
    const question = { entity: 'storage-pool', name: 'local', key: 'source', value: '/a' };
    const description = '"source" property for storage pool "local"';
    const answers = { joining: 'yes', 'join token': token, 'Choose "source"': '/b' };
    const { preseed, problems } = await ask(answers, [{ ...question, description }]);
    assert.deepEqual(problems, []);
    assert.deepEqual(preseed.cluster, {
      enabled: true,
      serverAddress: '192.0.2.9:8443',
      clusterToken: token,
      memberConfig: [{ ...question, value: '/b' }],
    });
  });

  const wrong: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [{ 'IP address': '0.0.0.0' }, /nobody can reach a server at a wildcard address/],
    [{ 'member name': 'Not_a_name' }, /is no name for a member/],
    [{ backend: 'zfs' }, /"zfs" is not served by this release; there is dir/],
    [{ Directory: 'relative' }, /name it from the root/],
    [{ subnet: 'big' }, /write the gateway with its prefix/],
    [{ joining: 'yes', 'join token': 'rubbish' }, /token/],
  ];
  for (const [answers, message] of wrong) {
    it(`explains ${JSON.stringify(answers)}`, async () => {
      const { problems } = await ask(answers);
      assert.match(problems.join(), message);
    });
  }

  it('prints answers that are read back as the same', async () => {
    const { preseed } = await ask({});
    assert.deepEqual(parsePreseed(formatPreseed(preseed)), preseed);
  });
});
