import assert from 'node:assert/strict';

import { silentLogger } from '../../../../src/base/logger.ts';
import { isConsensusError } from '../../../../src/consensus/consensus-error.ts';
import { judgeDisk, type DiskLevel, type DiskReport } from '../../../../src/consensus/space/disk-level.ts';
import { SpaceGuard } from '../../../../src/consensus/space/space-guard.ts';
import type { StoredEntry, Transaction, WriteOperation } from '../../../../src/consensus/store/store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { settle } from '../../../support/scripted-term-log.ts';

const freeMebibytes: Record<DiskLevel, number> = { ok: 500, low: 50, full: 0 };

class Bench {
  readonly clock = new FakeClock();
  readonly followers = new Map<string, DiskLevel>([
    ['n2', 'ok'],
    ['n3', 'ok'],
  ]);
  readonly heirs: string[] = [];
  leadingSinceMs: number | undefined = -Infinity;
  readonly announced: DiskLevel[] = [];
  report: DiskReport = this.#reportOf('ok');
  #changed: (() => void) | undefined;
  readonly guard: SpaceGuard;

  constructor() {
    const readReport = (): DiskReport => this.report;
    this.guard = new SpaceGuard({
      ...{ self: { name: 'n1' }, clock: this.clock, logger: silentLogger },
      gauge: {
        get report() {
          return readReport();
        },
        subscribe: (changed) => {
          this.#changed = changed;
          return () => undefined;
        },
      },
      prefixes: { vital: ['/muster/'], telling: ['/events/'] },
      leadingSinceMs: () => this.leadingSinceMs,
      announce: (level) => this.announced.push(level),
      levels: () => this.followers,
      listVoters: () => Promise.resolve(['n1', 'n2', 'n3']),
      handOver: (to) => {
        this.heirs.push(to);
        return Promise.resolve();
      },
    });
  }

  async setOwn(level: DiskLevel): Promise<void> {
    this.report = this.#reportOf(level);
    this.#changed?.();
    await settle();
  }

  async setOthers(level: DiskLevel): Promise<void> {
    for (const name of this.followers.keys()) this.followers.set(name, level);
    this.guard.look();
    await settle();
  }

  refuses(transaction: Omit<Transaction, 'conditions'>): boolean {
    const read = (key: string): StoredEntry | undefined =>
      key.includes('old') ? { key, revision: 1, value: Buffer.alloc(2_000) } : undefined;
    const refusal = this.guard.findRefusal({ conditions: [], ...transaction }, read);
    assert(refusal === undefined || isConsensusError(refusal, 'NoSpace'));
    return refusal !== undefined;
  }

  #reportOf(level: DiskLevel): DiskReport {
    return judgeDisk(
      { freeBytes: freeMebibytes[level] * 1024 * 1024, snapshotBytes: 0, reserveBytes: 0 },
      'ok',
    );
  }
}

const put = (key: string, bytes: number): WriteOperation => ({
  kind: 'put',
  key,
  value: Buffer.alloc(bytes),
});

describe('consensus/space/space-guard', () => {
  const cases: readonly (readonly [string, Omit<Transaction, 'conditions'>, DiskLevel[]])[] = [
    ['a create', { operations: [put('/new', 10)] }, ['low', 'full']],
    ['what grows a lot', { operations: [put('/old', 4_000)] }, ['low', 'full']],
    ['what grows a little', { operations: [put('/old', 3_000)] }, ['full']],
    ['what stays as big', { operations: [put('/old', 2_000)] }, ['full']],
    ['what shrinks', { operations: [put('/old', 1_000)] }, []],
    ['a deletion', { operations: [{ kind: 'delete', key: '/old' }] }, []],
    ['the mark of a deletion', { operations: [put('/old', 2_100)], isRemoval: true }, []],
    [
      'a deletion with a create',
      { operations: [{ kind: 'delete', key: '/old' }, put('/new', 1)] },
      ['low', 'full'],
    ],
    ['what is vital', { operations: [put('/muster/peers/7', 10)] }, []],
    ['what tells', { operations: [put('/events/7', 10)] }, ['full']],
  ];
  for (const [what, transaction, refused] of cases) {
    it(`refuses ${what} when disks are ${refused.join(' or ') || 'neither low nor full'}`, async () => {
      for (const level of ['ok', 'low', 'full'] as const) {
        const bench = new Bench();
        await bench.setOthers(level);
        assert.equal(bench.refuses(transaction), refused.includes(level), level);
        await bench.guard.close();
      }
    });
  }

  const create = { operations: [put('/new', 10)] };

  it('does not wait for others to refuse when the own disk is full', async () => {
    const bench = new Bench();
    bench.report = judgeDisk({ freeBytes: 0, snapshotBytes: 0, reserveBytes: 0 }, 'ok');
    assert.equal(bench.refuses(create), true);
    await bench.guard.close();
  });

  it('hands over to a voter with room, and asks no second time at once', async () => {
    const bench = new Bench();
    bench.followers.set('n2', 'low');
    await bench.setOwn('low');
    assert.deepEqual(bench.heirs, ['n3']);
    await bench.clock.advance(4_000);
    assert.deepEqual(bench.heirs, ['n3']);
    await bench.clock.advance(2_000);
    assert.deepEqual(bench.heirs, ['n3', 'n3']);
    bench.followers.set('n2', 'ok');
    await bench.clock.advance(6_000);
    assert.deepEqual(bench.heirs, ['n3', 'n3', 'n2']);
    await bench.guard.close();
  });

  it('begins with what the leader before knew, until the voters have told', async () => {
    const bench = new Bench();
    bench.guard.inherit('full');
    assert.equal(bench.refuses(create), false);
    bench.leadingSinceMs = bench.clock.monotonicMs();
    bench.guard.look();
    await settle();
    assert.equal(bench.refuses(create), true);
    assert.deepEqual(bench.announced, []);
    await bench.clock.advance(2_000);
    assert.equal(bench.refuses(create), false);
    assert.deepEqual(bench.announced, ['ok']);
    await bench.guard.close();
  });

  it('takes everything again when there is room', async () => {
    const bench = new Bench();
    await bench.setOthers('full');
    assert.equal(bench.refuses(create), true);
    await bench.setOthers('ok');
    assert.equal(bench.refuses(create), false);
    await bench.guard.close();
  });

  it('notices that a voter is gone whose room was counted on', async () => {
    const bench = new Bench();
    bench.followers.set('n2', 'low');
    bench.guard.look();
    await settle();
    assert.equal(bench.refuses(create), false);
    bench.followers.delete('n3');
    await bench.clock.advance(2_000);
    assert.equal(bench.refuses(create), true);
    await bench.guard.close();
  });
});
