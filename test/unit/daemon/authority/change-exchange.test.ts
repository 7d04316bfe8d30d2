import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { isApiError } from '../../../../src/api/api-error.ts';
import { parseExchangeRequest } from '../../../../src/daemon/authority/authority-routes.ts';
import {
  advanceExchange,
  beginExchange,
  cancelExchange,
  type ChangeExchangeDeps,
} from '../../../../src/daemon/authority/change-exchange.ts';
import { decodeExchange, exchangeKey, viewOf } from '../../../../src/daemon/authority/exchange-record.ts';
import { createAuthority, type KeyedCertificate } from '../../../../src/daemon/pki/certificates.ts';
import { createPrivateKeyPem } from '../../../../src/daemon/pki/key-pair.ts';
import type { ExchangeMove } from '../../../../src/reconcilers/cluster/authority-exchange.ts';
import { createInMemoryStore } from '../../../support/in-memory-store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const { signal } = new AbortController();
const dayMs = 24 * 3_600_000;

async function found(): Promise<KeyedCertificate> {
  const keyPem = createPrivateKeyPem();
  return { keyPem, certPem: await createAuthority('c1', keyPem, Date.UTC(2026, 0, 1)) };
}

async function buildWorld() {
  const store = createInMemoryStore();
  const clock = new FakeClock();
  const authority = await found();
  const deps: ChangeExchangeDeps = { store, authority, clock };
  const read = () => {
    const entry = store.get(exchangeKey);
    assert(entry !== undefined);
    return decodeExchange(entry);
  };
  const advance = (move: ExchangeMove, term = 1) =>
    advanceExchange(deps, { from: viewOf(read()), move, term }, signal);
  return { deps, store, clock, authority, read, advance };
}

async function refusalOf(doing: Promise<unknown>): Promise<string> {
  try {
    await doing;
    return 'accepted';
  } catch (error) {
    assert(isApiError(error));
    return error.message;
  }
}

describe('daemon/authority/change-exchange', () => {
  it('makes another authority of the same name, with a key of its own, which ends the former one in 30 days', async () => {
    const { deps, clock, authority } = await buildWorld();
    const { step, endsAt, newCert, formerCert, keys } = await beginExchange(deps, undefined, signal);
    assert.equal(step, 'Trusted');
    assert.equal(Date.parse(endsAt), Math.floor((clock.now() + 30 * dayMs) / 1_000) * 1_000);
    assert.equal(formerCert, authority.certPem);
    const [made, own] = [new X509Certificate(newCert), new X509Certificate(authority.certPem)];
    assert.equal(made.subject, own.subject);
    assert(!made.publicKey.equals(own.publicKey));
    assert.equal(keys?.former, authority.keyPem);
  });

  it('goes on with the one that there is, and changes its date when that is asked for', async () => {
    const { deps, clock, advance } = await buildWorld();
    const first = await beginExchange(deps, undefined, signal);
    assert.deepEqual(await beginExchange(deps, undefined, signal), first);
    await advance('Signing');
    const hurried = await beginExchange(deps, 0, signal);
    assert.deepEqual([hurried.step, hurried.newCert], ['Signing', first.newCert]);
    assert(Date.parse(hurried.endsAt) <= clock.now());
  });

  it('drops the keys when it has finished, and begins another one only from the authority that there is', async () => {
    const { deps, read, advance } = await buildWorld();
    await beginExchange(deps, 0, signal);
    for (const move of ['Signing', 'Ended'] as const) await advance(move);
    assert.match(await refusalOf(beginExchange(deps, 0, signal)), /a member is missing/);
    assert.equal((await beginExchange(deps, undefined, signal)).step, 'Ended');
    const { keys, newCert } = read();
    assert(keys !== undefined);
    await advance('finish');
    const done = read();
    assert(done.finishedAt !== undefined && !JSON.stringify(done).includes('PRIVATE'));
    assert.match(await refusalOf(beginExchange(deps, 0, signal)), /has still to follow the last exchange/);
    const followed = { ...deps, authority: { certPem: newCert, keyPem: keys.new } };
    assert.equal((await beginExchange(followed, 0, signal)).formerCert, newCert);
  });

  it('goes back from the first two steps, and from no other', async () => {
    for (const before of [[], ['Signing']] as const) {
      const { deps, advance } = await buildWorld();
      assert.equal(await refusalOf(cancelExchange(deps, signal)), 'the authority is not being exchanged');
      await beginExchange(deps, 0, signal);
      for (const move of before) await advance(move);
      assert.equal((await cancelExchange(deps, signal)).step, 'Returning');
      assert.equal((await cancelExchange(deps, signal)).step, 'Returning');
      assert.match(
        await refusalOf(beginExchange(deps, 0, signal)),
        /it was canceled, and members are on the way back/,
      );
      for (const move of ['Canceled', 'finish'] as const) await advance(move);
      assert.equal((await beginExchange(deps, 0, signal)).step, 'Trusted');
    }
    const { deps, advance } = await buildWorld();
    await beginExchange(deps, 0, signal);
    for (const move of ['Signing', 'Ended'] as const) await advance(move);
    assert.match(await refusalOf(cancelExchange(deps, signal)), /cannot be canceled any more/);
  });

  it('takes a step once, and only for the leader', async () => {
    const { deps, read, advance } = await buildWorld();
    await beginExchange(deps, 0, signal);
    const from = viewOf(read());
    await advance('Signing');
    await advanceExchange(deps, { from, move: 'Signing', term: 1 }, signal);
    assert.equal(read().step, 'Signing');
    await assert.rejects(advance('Ended', 7), /\[(Fenced|NotLeader)\]|term/);
    assert.equal(read().step, 'Signing');
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /the body has to be/],
    ['[1]', /there is no field "0"/],
    ['{"action":"stop"}', /the body has to be/],
    ['{"action":"begin","endsInSeconds":-1}', /a whole number from 0 to/],
    ['{"action":"begin","endsInSeconds":1.5}', /a whole number from 0 to/],
    ['{"action":"begin","endsInSeconds":"30d"}', /a whole number from 0 to/],
    ['{"action":"cancel","endsInSeconds":5}', /the body has to be/],
    ['{"action":"begin","key":"x"}', /there is no field "key"/],
  ];
  for (const [body, want] of wrong) {
    it(`refuses ${body === '' ? 'an empty body' : body}`, () => {
      assert.throws(() => parseExchangeRequest(Buffer.from(body)), want);
    });
  }

  it('reads what is right', () => {
    const read = (body: object) => parseExchangeRequest(Buffer.from(JSON.stringify(body)));
    assert.deepEqual(read({ action: 'begin' }), { action: 'begin' });
    assert.deepEqual(read({ action: 'begin', endsInSeconds: 0 }), { action: 'begin', endsInSeconds: 0 });
    assert.deepEqual(read({ action: 'cancel' }), { action: 'cancel' });
  });
});
