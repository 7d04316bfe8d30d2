import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  createServiceAccountTokens,
  type TokenKeys,
} from '../../../../src/apiserver/authn/service-account-tokens.ts';
import { createInMemoryStore } from '../../../support/in-memory-store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const account = { namespace: 'default', name: 'bot', uid: 'u1' };

describe('apiserver/authn/service-account-tokens', () => {
  it('takes tokens of either secret while there are two, signs with the first, and ends those of one that went', async () => {
    const [former, next] = [randomBytes(32), randomBytes(32)];
    const held: { keys: ReturnType<TokenKeys> } = { keys: [former] };
    const store = createInMemoryStore();
    const object = { metadata: { name: account.name, namespace: account.namespace, uid: account.uid } };
    const key = '/registry/core/serviceaccounts/default/bot';
    const value = Buffer.from(JSON.stringify(object));
    const operation = { kind: 'put', key, value } as const;
    await store.commit({ conditions: [], operations: [operation] });
    const tokens = createServiceAccountTokens(() => held.keys, { store, clock: new FakeClock() });
    const issue = async () =>
      (await tokens.issue({ ...account, audiences: [], expirationSeconds: 600 })).token;
    const takes = async (token: string) =>
      tokens.verify(token).then(
        ({ name }) => name,
        (error: unknown) => String(error),
      );
    const bot = 'system:serviceaccount:default:bot';

    const old = await issue();
    held.keys = [former, next];
    const during = await issue();
    held.keys = [next, former];
    const young = await issue();
    for (const token of [old, during, young]) assert.equal(await takes(token), bot);
    held.keys = [next];
    assert.equal(await takes(young), bot);
    for (const token of [old, during]) assert.match(await takes(token), /Unauthorized/);
  });
});
