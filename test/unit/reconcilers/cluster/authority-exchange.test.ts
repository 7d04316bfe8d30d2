import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  memberExchangeCondition,
  type ExchangeStep,
  type ExchangeView,
} from '../../../../src/api/authority.ts';
import type { Cluster } from '../../../../src/api/generated/cluster.ts';
import type { Member } from '../../../../src/api/generated/member.ts';
import { musterApiVersion } from '../../../../src/api/meta.ts';
import {
  authorityExchange,
  decideExchange,
  type ExchangeMove,
} from '../../../../src/reconcilers/cluster/authority-exchange.ts';
import type { Draft } from '../../../../src/reconcilers/draft.ts';
import { buildCondition, buildMember, neverAborted } from '../../../support/build-objects.ts';

const id = 'a1'.repeat(32);
const nowMs = Date.UTC(2026, 0, 10);
const past = '2026-01-01T00:00:00Z';
const future = '2026-02-01T00:00:00Z';

function view(step: ExchangeStep, differences: Partial<ExchangeView> = {}): ExchangeView {
  return { step, id, startedAt: past, endsAt: future, ...differences };
}

/** `n1:Signing` is online and has carried that out; `n1:-` says nothing; a trailing `!` is one that is off. */
function member(text: string): Member {
  const [name = '', said = ''] = text.replace('!', '').split(':');
  const online = buildCondition('Online', { status: text.endsWith('!') ? 'False' : 'True' });
  const reached = buildCondition(memberExchangeCondition, { reason: said, message: `SHA-256 ${id}` });
  return buildMember(name, { status: { conditions: said === '-' ? [online] : [online, reached] } });
}

/** `n9:declared` is a Member without a host, and `n9:joining` a host without a Member. */
function world(texts: readonly string[]): {
  readonly names: readonly string[];
  readonly members: readonly Member[];
} {
  const of = (kind: string) => texts.filter((text) => !text.endsWith(`:${kind}`));
  return {
    names: of('declared').map((text) => text.split(':')[0] ?? ''),
    members: of('joining').map((text) => member(text.replace(':declared', ':-!'))),
  };
}

function decide(from: ExchangeView, texts: readonly string[]) {
  const { names, members } = world(texts);
  return decideExchange(from, names, members, nowMs);
}

const moves: readonly {
  readonly name: string;
  readonly view: ExchangeView;
  readonly members: readonly string[];
  readonly next?: ExchangeMove;
  readonly missing?: string;
  readonly away?: string;
}[] = [
  {
    name: 'signs when every member trusts',
    view: view('Trusted'),
    members: ['n1:Trusted', 'n2:Trusted'],
    next: 'Signing',
  },
  {
    name: 'waits for one that is online',
    view: view('Trusted'),
    members: ['n1:Trusted', 'n3:-', 'n2:-'],
    missing: 'n2,n3',
  },
  {
    name: 'waits for nobody who is off',
    view: view('Trusted'),
    members: ['n1:Trusted', 'n2:-!'],
    next: 'Signing',
    away: 'n2',
  },
  { name: 'knows nothing while nobody is online', view: view('Trusted'), members: ['n1:Trusted!'] },
  { name: 'lets the former one count until its date', view: view('Signing'), members: ['n1:Signing'] },
  {
    name: 'ends it at its date',
    view: view('Signing', { endsAt: past }),
    members: ['n1:Signing', 'n2:Trusted!'],
    next: 'Ended',
    away: 'n2',
  },
  {
    name: 'ends it later where a member that is online does not sign with the new one',
    view: view('Signing', { endsAt: past }),
    members: ['n1:Signing', 'n2:Trusted'],
    missing: 'n2',
  },
  {
    name: 'waits at the end for who is off too',
    view: view('Ended'),
    members: ['n1:Ended', 'n2:Signing!'],
    away: 'n2',
  },
  {
    name: 'finishes when all are there, off or not',
    view: view('Ended'),
    members: ['n1:Ended', 'n2:Ended!'],
    next: 'finish',
  },
  {
    name: 'takes the way back in two steps',
    view: view('Returning'),
    members: ['n1:Returning'],
    next: 'Canceled',
  },
  { name: 'finishes a way back', view: view('Canceled'), members: ['n1:Canceled'], next: 'finish' },
  {
    name: 'waits for no host that was only declared',
    view: view('Ended'),
    members: ['n1:Ended', 'n9:declared'],
    next: 'finish',
  },
  {
    name: 'keeps the keys for one that has just come',
    view: view('Ended'),
    members: ['n1:Ended', 'n9:joining'],
    away: 'n9',
  },
  {
    name: 'does nothing once it has finished',
    view: view('Ended', { finishedAt: past }),
    members: ['n1:Ended', 'n2:-'],
    missing: 'n2',
  },
  {
    name: 'does not take what was said of another exchange',
    view: view('Trusted', { id: 'b2'.repeat(32) }),
    members: ['n1:Trusted'],
    missing: 'n1',
  },
];

function emptyCluster(): Draft<Cluster> {
  return { apiVersion: musterApiVersion, kind: 'Cluster', metadata: { name: 'cluster' }, status: {} };
}

describe('reconcilers/cluster/authority-exchange', () => {
  for (const { name, view: from, members, next, missing = '', away = '' } of moves) {
    it(name, () => {
      const verdict = decide(from, members);
      assert.equal(verdict.next, next);
      assert.equal(verdict.missing.join(), missing);
      assert.equal(verdict.away.join(), away);
    });
  }

  async function run(exchange: ExchangeView | undefined, members: readonly string[]) {
    const made: ExchangeMove[] = [];
    const outcome = await authorityExchange.run(
      emptyCluster(),
      {
        exchange: () => exchange,
        listMembers: () => world(members).members,
        memberNames: () => world(members).names,
        nowMs: () => nowMs,
        advanceExchange: (_from, move) => Promise.resolve(void made.push(move)),
      },
      neverAborted,
    );
    assert.equal(outcome.kind, 'settled');
    const { reason, status, message = '' } = outcome;
    return { made, reason, status, message };
  }

  it('says nothing where the authority was never exchanged', async () => {
    assert.deepEqual(await run(undefined, ['n1:-']), {
      ...{ made: [], reason: 'NeverExchanged', status: undefined, message: '' },
    });
  });

  it('says the step, who is missing, and until when the former one counts', async () => {
    const { made, reason, status, message } = await run(view('Trusted'), ['n1:Trusted', 'n2:-', 'n3:-!']);
    assert.deepEqual([made, reason, status], [[], 'Trusted', 'False']);
    assert.match(
      message,
      /^step 1 of 3: .* counts until 2026-02-01T00:00:00Z; waiting for n2; n3 follows when it is back$/,
    );
    assert(message.includes(id));
  });

  it('goes on, and says how it has ended', async () => {
    assert.deepEqual((await run(view('Trusted'), ['n1:Trusted'])).made, ['Signing']);
    const done = await run(view('Ended', { finishedAt: past }), ['n1:Ended']);
    assert.deepEqual([done.made, done.reason, done.status], [[], 'Exchanged', 'True']);
    const back = await run(view('Canceled', { finishedAt: past }), ['n1:Canceled']);
    assert.deepEqual([back.made, back.reason, back.status], [[], 'Canceled', 'False']);
    for (const step of ['Signing', 'Ended', 'Returning', 'Canceled'] as const) {
      assert((await run(view(step), ['n1:-'])).message.includes(id));
    }
  });

  it('never leaves a member that is online behind, and comes to its end once all are back', () => {
    const steps = ['Trusted', 'Signing', 'Ended', 'Returning', 'Canceled'] as const;
    const said = fc.constantFrom(...steps, '-' as const);
    const anyMember = fc.record({ said, isOff: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(anyMember, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...steps),
        fc.boolean(),
        (some, first, isDue) => {
          const texts = some.map(({ said: one, isOff }, index) => `n${index}:${one}${isOff ? '!' : ''}`);
          const from = view(first, { endsAt: isDue ? past : future });
          const { next, missing } = decide(from, texts);
          assert(next === undefined || missing.length === 0);
          // All are back, and each carries out what it finds.
          let current = { ...from, endsAt: past };
          for (let looks = 0; looks < steps.length; looks += 1) {
            const { step } = current;
            const { next: move } = decide(
              current,
              some.map((_one, index) => `n${index}:${step}`),
            );
            if (move === 'finish') return;
            assert(move !== undefined);
            current = { ...current, step: move };
          }
          assert.fail('it goes in a circle');
        },
      ),
    );
  });
});
