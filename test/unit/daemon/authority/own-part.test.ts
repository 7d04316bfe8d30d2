import assert from 'node:assert/strict';
import type { ExchangeStep } from '../../../../src/api/authority.ts';
import type { AuthorityExchange, OpenExchange } from '../../../../src/daemon/authority/exchange-record.ts';
import { holdAuthority, stateIn } from '../../../../src/daemon/authority/held-authority.ts';
import { planOwnPart } from '../../../../src/daemon/authority/own-part.ts';
import { createAuthority, type KeyedCertificate } from '../../../../src/daemon/pki/certificates.ts';
import { createPrivateKeyPem } from '../../../../src/daemon/pki/key-pair.ts';

const nowMs = Date.UTC(2026, 0, 1);

async function found(keyPem = createPrivateKeyPem()): Promise<KeyedCertificate> {
  return { keyPem, certPem: await createAuthority('c1', keyPem, nowMs) };
}

describe('daemon/authority: a member in an exchange', () => {
  let former: KeyedCertificate;
  let next: KeyedCertificate;
  let open: (step: ExchangeStep) => OpenExchange;

  before(async () => {
    [former, next] = [await found(), await found()];
    open = (step) => ({
      ...{ step, startedAt: '2026-01-01T00:00:00Z', endsAt: '2026-02-01T00:00:00Z' },
      ...{
        formerCert: former.certPem,
        newCert: next.certPem,
        keys: { former: former.keyPem, new: next.keyPem },
      },
    });
  });

  function finished(step: ExchangeStep): AuthorityExchange {
    const { keys: _keys, ...rest } = open(step);
    return { ...rest, finishedAt: '2026-02-02T00:00:00Z' };
  }

  function kindOf(
    stored: AuthorityExchange | undefined,
    begun: OpenExchange | undefined,
    signing: KeyedCertificate,
  ): string {
    const part = planOwnPart(stored, begun, signing.certPem);
    return part.kind === 'carry out' ? `${part.kind} ${part.exchange.step}` : part.kind;
  }

  it('rests where there is none, and carries out what it finds', () => {
    assert.equal(kindOf(undefined, undefined, former), 'rest');
    assert.equal(kindOf(open('Trusted'), undefined, former), 'carry out Trusted');
    assert.equal(kindOf(open('Ended'), open('Trusted'), former), 'carry out Ended');
  });

  it('goes back where the cluster was founded anew from a copy of before', () => {
    assert.equal(kindOf(undefined, open('Signing'), next), 'carry out Canceled');
  });

  it('finishes what it was cut short in, with what it has itself', () => {
    assert.equal(kindOf(finished('Ended'), open('Signing'), next), 'carry out Ended');
    assert.equal(kindOf(finished('Canceled'), open('Signing'), next), 'carry out Canceled');
  });

  it('rests when it has the one that was agreed upon, renewed or not', async () => {
    assert.equal(kindOf(finished('Ended'), undefined, next), 'rest');
    assert.equal(kindOf(finished('Ended'), undefined, await found(next.keyPem)), 'rest');
    assert.equal(kindOf(finished('Canceled'), undefined, former), 'rest');
  });

  it('says that it has missed it when nobody has the key for it any more', () => {
    const part = planOwnPart(finished('Ended'), undefined, former.certPem);
    assert(part.kind === 'missed');
    assert.match(part.problem, /remove this member, and let its host join again/);
  });

  const states: readonly (readonly [ExchangeStep, string, string, string])[] = [
    ['Trusted', 'former', 'former', 'former,new'],
    ['Signing', 'new', 'former', 'new,former'],
    ['Ended', 'new', 'new', 'new'],
    ['Returning', 'former', 'former', 'former,new'],
    ['Canceled', 'former', 'former', 'former'],
  ];
  for (const [step, signs, shows, trusts] of states) {
    it(`${step}: ${signs} signs, clients are shown ${shows}, ${trusts} count`, () => {
      const nameOf = (pem: string): string => (pem === next.certPem ? 'new' : 'former');
      const held = holdAuthority(stateIn(open(step)));
      assert.equal(nameOf(held.certPem), signs);
      assert.equal(nameOf(held.shown.certPem), shows);
      assert.equal(held.trusted.map(nameOf).join(), trusts);
      assert.equal(held.keyPem, signs === 'new' ? next.keyPem : former.keyPem);
      assert.equal(held.tokenKeys.length, held.trusted.length);
    });
  }
});
