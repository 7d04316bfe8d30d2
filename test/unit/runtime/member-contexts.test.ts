import assert from 'node:assert/strict';
import { withMemberContexts, type KubeconfigFile } from '../../../src/runtime/member-contexts.ts';

function fileOf(servers: Readonly<Record<string, string>>, current = 'muster') {
  return {
    clusters: Object.entries(servers).map(([name, server]) => ({
      name,
      cluster: { server, 'certificate-authority-data': 'ours' },
    })),
    contexts: Object.keys(servers).map((name) => ({ name, context: { cluster: name, user: 'admin' } })),
    'current-context': current,
    users: [{ name: 'admin' }],
  };
}

const [at1, at2] = ['https://10.0.0.1:8443', 'https://10.0.0.2:8443'] as const;
const n1 = { name: 'n1', server: at1, memberServer: at1 };
const n2 = { name: 'n2', server: at2, memberServer: at2 };

function serversOf(file: KubeconfigFile | undefined): Record<string, string | undefined> {
  const named = (file?.clusters ?? []).map(({ name, cluster }) => [name, cluster.server] as const);
  return Object.fromEntries(named);
}

describe('withMemberContexts', () => {
  it('adds a context for each member, and keeps the current one where it is', () => {
    const file = fileOf({ muster: n1.server });
    const changed = withMemberContexts(file, { members: [n1, n2], virtualServer: undefined });
    assert.deepEqual(serversOf(changed), {
      muster: n1.server,
      'muster-n1': n1.server,
      'muster-n2': n2.server,
    });
    assert.deepEqual(
      changed?.contexts.map(({ name, context }) => [name, context.cluster, context.user]),
      [
        ['muster', 'muster', 'admin'],
        ['muster-n1', 'muster-n1', 'admin'],
        ['muster-n2', 'muster-n2', 'admin'],
      ],
    );
    assert.deepEqual(changed.users, file.users);
    assert.equal(withMemberContexts(changed, { members: [n1, n2], virtualServer: undefined }), undefined);
  });

  it('takes members away that are gone, and the current context to one that is there', () => {
    const file = fileOf({ muster: n1.server, 'muster-n1': n1.server, 'muster-n2': n2.server }, 'muster-n1');
    const changed = withMemberContexts(file, { members: [n2], virtualServer: undefined });
    assert.deepEqual(serversOf(changed), { muster: n2.server, 'muster-n2': n2.server });
    assert.equal(changed?.['current-context'], 'muster');
  });

  it('keeps a context of one member as the current one', () => {
    const file = fileOf({ muster: n1.server, 'muster-n2': n2.server }, 'muster-n2');
    const changed = withMemberContexts(file, { members: [n1, n2], virtualServer: undefined });
    assert.equal(changed?.['current-context'], 'muster-n2');
    assert.deepEqual(Object.keys(serversOf(changed)), ['muster', 'muster-n1', 'muster-n2']);
  });

  it('goes to the virtual address first', () => {
    const virtualServer = 'https://10.0.0.100:8443';
    const changed = withMemberContexts(fileOf({ muster: n1.server }), { members: [n1], virtualServer });
    assert.deepEqual(serversOf(changed), { muster: virtualServer, 'muster-n1': n1.server });
  });

  it('leaves other clusters alone, also those with a like name', () => {
    const file = fileOf({ muster: n1.server, 'muster-old': 'https://192.0.2.1:8443' });
    const foreign = { name: 'muster-old', cluster: { server: 'x', 'certificate-authority-data': 'theirs' } };
    const mixed = { ...file, clusters: [...file.clusters.slice(0, 1), foreign] };
    const changed = withMemberContexts(mixed, { members: [n1], virtualServer: undefined });
    assert.deepEqual(serversOf(changed), { muster: n1.server, 'muster-old': 'x', 'muster-n1': n1.server });
  });

  it('names contexts like the members where the file does', () => {
    const n3 = { name: 'n3', server: 'https://10.0.0.3:8443', memberServer: 'https://10.0.0.3:8443' };
    const file = fileOf({ n1: at1, n2: 'https://10.0.0.9:8443' }, 'n1');
    const changed = withMemberContexts(file, { members: [n1, n2, n3], virtualServer: undefined });
    assert.deepEqual(serversOf(changed), { n1: at1, n2: at2, n3: n3.server });
    assert.equal(changed?.['current-context'], 'n1');
  });

  it('changes nothing without a current context, or while nobody is known', () => {
    assert.equal(withMemberContexts({}, { members: [n1], virtualServer: undefined }), undefined);
    const file = fileOf({ muster: n1.server });
    assert.equal(withMemberContexts(file, { members: [], virtualServer: undefined }), undefined);
  });
});
