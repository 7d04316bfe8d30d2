import assert from 'node:assert/strict';
import { renameAnnotation } from '../../../../src/api/names.ts';
import { encodePeer, peersPrefix } from '../../../../src/consensus/membership/peer-entry.ts';
import { planRename } from '../../../../src/daemon/rename/plan-rename.ts';
import { InMemoryStore } from '../../../support/in-memory-store.ts';

const registry = '/registry/muster.dev/';

interface Stored {
  readonly metadata: { readonly name: string; readonly uid?: string; readonly annotations?: object };
  readonly status?: { readonly member?: string; readonly conditions?: readonly Record<string, string>[] };
}

async function putObject(store: InMemoryStore, key: string, object: object): Promise<void> {
  const value = Buffer.from(JSON.stringify(object));
  await store.commit({ conditions: [], operations: [{ kind: 'put', key, value }] });
}

async function createStore(): Promise<InMemoryStore> {
  const store = new InMemoryStore();
  for (const [id, name] of [
    ['1', 'n1'],
    ['77', 'n2'],
  ] as const) {
    const peer = { id, name, address: `${name}:8443`, publicKeySha256: id, failureDomain: 0 };
    const operations = [{ kind: 'put', key: peersPrefix + id, value: encodePeer(peer) }] as const;
    await store.commit({ conditions: [], operations });
    const annotations = { [renameAnnotation]: 'west', note: 'kept' };
    const conditions = [
      { type: 'Online', status: 'True' },
      { type: 'Renamed', status: 'False' },
    ];
    const member = { metadata: { name, uid: `uid-${name}`, annotations }, status: { id, conditions } };
    await putObject(store, `${registry}members/${name}`, member);
    const instance = { metadata: { name: `on-${name}` }, status: { member: name } };
    await putObject(store, `${registry}instances/default/on-${name}`, instance);
  }
  const inventory = { metadata: { name: 'manifests-n2-0a1b', namespace: 'muster-system' } };
  await putObject(store, '/registry/core/configmaps/muster-system/manifests-n2-0a1b', inventory);
  return store;
}

function read(store: InMemoryStore, key: string): Stored | undefined {
  const entry = store.get(key);
  return entry === undefined ? undefined : (JSON.parse(Buffer.from(entry.value).toString()) as Stored);
}

describe('planRename', () => {
  it('moves the member, its peer record and everything that names it at once', async () => {
    const store = await createStore();
    const plan = planRename(store, { id: '77', from: 'n2', to: 'west', nowMs: 0 });
    assert.ok('operations' in plan);
    assert.equal((await store.commit(plan)).kind, 'committed');

    assert.equal(store.get(`${registry}members/n2`), undefined);
    const member = read(store, `${registry}members/west`);
    assert.deepEqual([member?.metadata.name, member?.metadata.annotations], ['west', { note: 'kept' }]);
    assert.notEqual(member?.metadata.uid, 'uid-n2');
    assert.deepEqual(
      member?.status?.conditions?.map(({ type, status }) => [type, status]),
      [
        ['Online', 'True'],
        ['Renamed', 'Unknown'],
      ],
    );
    assert.equal((read(store, `${peersPrefix}77`) as unknown as { name: string }).name, 'west');
    assert.equal(read(store, `${registry}instances/default/on-n2`)?.status?.member, 'west');
    assert.equal(read(store, `${registry}instances/default/on-n1`)?.status?.member, 'n1');
    const inventories = store.range('/registry/core/configmaps/muster-system/').entries.map(({ key }) => key);
    assert.deepEqual(inventories, ['/registry/core/configmaps/muster-system/manifests-west-0a1b']);
  });

  it('is void as soon as anything that it changes was changed by somebody else', async () => {
    const store = await createStore();
    const plan = planRename(store, { id: '77', from: 'n2', to: 'west', nowMs: 0 });
    assert.ok('operations' in plan);
    await putObject(store, `${registry}instances/default/on-n2`, { metadata: { name: 'on-n2' } });
    assert.equal((await store.commit(plan)).kind, 'conflict');
    assert.equal(read(store, `${registry}members/west`), undefined);
  });

  it('refuses a name that is taken, also by a host that has no Member yet', async () => {
    const store = await createStore();
    const taken = { problem: 'the cluster already has a member named n1' };
    assert.deepEqual(planRename(store, { id: '77', from: 'n2', to: 'n1', nowMs: 0 }), taken);
    await store.commit({ conditions: [], operations: [{ kind: 'delete', key: `${registry}members/n1` }] });
    assert.deepEqual(planRename(store, { id: '77', from: 'n2', to: 'n1', nowMs: 0 }), taken);
  });

  it('refuses a member that is gone', async () => {
    const store = await createStore();
    const gone = { problem: 'the cluster has no member named n9' };
    assert.deepEqual(planRename(store, { id: '9', from: 'n9', to: 'west', nowMs: 0 }), gone);
  });
});
