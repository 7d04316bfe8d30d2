import assert from 'node:assert/strict';
import { encodeJoinToken } from '../../../../src/api/join-token.ts';
import type { Asker } from '../../../../src/cli/init/asker.ts';
import { formatPreseed } from '../../../../src/cli/init/format-preseed.ts';
import { interview, type JoinQuestion } from '../../../../src/cli/init/interview.ts';
import type { JoinWays } from '../../../../src/cli/init/join-ways.ts';
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
  const told: string[] = [];
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
    secret: (question) => Promise.resolve(find(question) ?? ''),
    tell: (line) => told.push(line),
  };
  return { asker, problems, told };
}

const fingerprint = 'ab'.repeat(32);
const noWays: JoinWays = {
  fetchFingerprint: () => Promise.resolve(fingerprint),
  fetchToken: () => Promise.reject(new Error('not expected')),
  discoverToken: () => Promise.reject(new Error('not expected')),
};

async function ask(
  answers: Readonly<Record<string, string>>,
  questions: readonly JoinQuestion[] = [],
  ways: Partial<JoinWays> = {},
) {
  const { asker, problems, told } = scriptedAsker(answers);
  const lookUpQuestions = () => Promise.resolve(questions);
  const preseed = await interview({ asker, host, lookUpQuestions, ways: { ...noWays, ...ways } });
  return { preseed, problems, told };
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

  const withPassword = {
    ...{ joining: 'yes', 'join token': 'password', 'member name': 'n2' },
    ...{ 'existing cluster member': '192.0.2.1', 'correct fingerprint': 'AB:'.repeat(31) + 'AB' },
    'trust password': 'open sesame',
  };

  it('lets a host join with the trust password, which goes to nobody before the fingerprint is confirmed', async () => {
    const sent: object[] = [];
    const fetchToken: JoinWays['fetchToken'] = (request) => {
      sent.push(request);
      return sent.length < 3
        ? Promise.reject(new Error('the cluster does not take this password'))
        : Promise.resolve(token);
    };
    const { preseed, told } = await ask(withPassword, [], { fetchToken });
    assert.equal(preseed.cluster?.clusterToken, token);
    const request = { name: 'n2', addressOfMember: '192.0.2.1:8443', fingerprint, password: 'open sesame' };
    assert.deepEqual(sent, [request, request, request]);
    const refusals = told.filter(
      (line) => line === 'That does not work: the cluster does not take this password',
    );
    assert.equal(refusals.length, 2);
    assert(told.includes(`Cluster fingerprint: ${fingerprint}`));
    const { 'correct fingerprint': _not, ...unconfirmed } = withPassword;
    await assert.rejects(ask(unconfirmed), /the fingerprint was not confirmed; nothing was sent/);
  });

  it('asks three times for a member that answers, and then gives up', async () => {
    let asked = 0;
    const fetchFingerprint = (): Promise<string> => {
      asked += 1;
      return Promise.reject(new Error('cannot connect to 192.0.2.1:8443'));
    };
    await assert.rejects(ask(withPassword, [], { fetchFingerprint }), /cannot connect/);
    assert.equal(asked, 3);
  });

  it('looks for another host on the network', async () => {
    const discoverToken = (...found: readonly string[]): Promise<string> => {
      assert.deepEqual(found, ['here', '192.0.2.9:8443']);
      return Promise.resolve(token);
    };
    const answers = { joining: 'yes', 'join token': 'discover' };
    const { preseed } = await ask(answers, [], { discoverToken });
    assert.equal(preseed.cluster?.clusterToken, token);
  });

  const wrong: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [{ 'IP address': '0.0.0.0' }, /nobody can reach a server at a wildcard address/],
    [{ 'member name': 'Not_a_name' }, /is no name for a member/],
    [{ backend: 'zfs' }, /"zfs" is not served by this release; there is dir/],
    [{ Directory: 'relative' }, /name it from the root/],
    [{ subnet: 'big' }, /write the gateway with its prefix/],
    [{ joining: 'yes', 'join token': 'rubbish' }, /a member prints a token with "muster cluster add NAME"/],
    [{ ...withPassword, 'existing cluster member': '[::]' }, /nobody can reach a server at a wildcard/],
    [{ ...withPassword, 'correct fingerprint': 'perhaps' }, /answer yes, no, or with the fingerprint/],
    [{ ...withPassword, 'correct fingerprint': 'cd'.repeat(32) }, /somebody stands in between/],
  ];
  for (const [answers, message] of wrong) {
    it(`explains ${JSON.stringify(answers)}`, async () => {
      const { problems } = await ask(answers, [], { fetchToken: () => Promise.resolve(token) });
      assert.match(problems.join(), message);
    });
  }

  it('prints answers that are read back as the same', async () => {
    const { preseed } = await ask({});
    assert.deepEqual(parsePreseed(formatPreseed(preseed)), preseed);
  });
});
