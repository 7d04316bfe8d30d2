import assert from 'node:assert/strict';
import { createConditionEvents } from '../../../src/controllers/condition-events.ts';
import type { Condition } from '../../../src/api/meta.ts';
import { buildCondition, buildPool } from '../../support/build-objects.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const creating: Partial<Condition> = { status: 'False', reason: 'Creating', message: 'waiting for b' };

function createWorld() {
  const clock = new FakeClock();
  const stored = new Map([['local', buildPool('local', { uid: '1' })]]);
  const told: string[] = [];
  const events = createConditionEvents(
    { get: (key) => stored.get(key) },
    { record: (_about, type, reason, message) => told.push(`${type} ${reason}: ${message}`) },
    clock,
  );
  return {
    clock,
    told,
    close: () => {
      events.close();
    },
    /** What a controller does: writes the condition and tells of it. */
    change: (type: string, said: Partial<Condition>, isBookkeeping = false): void => {
      const isTrouble = said.status === 'False';
      const condition = buildCondition(type, said);
      const pool = buildPool('local', { uid: '1', status: { conditions: [condition] } });
      stored.set('local', pool);
      events.tell(pool, [{ condition, isTrouble, isBookkeeping }]);
    },
    delete: () => stored.delete('local'),
    markDeleted: (type: string, said: Partial<Condition>): void => {
      const condition = buildCondition(type, said);
      const deletionTimestamp = '2026-01-01T00:00:00Z';
      events.tell(buildPool('local', { uid: '1', deletionTimestamp }), [
        { condition, isTrouble: false, isBookkeeping: true },
      ]);
    },
  };
}

type World = ReturnType<typeof createWorld>;

describe('controllers/condition-events', () => {
  const cases: { name: string; run: (world: World) => Promise<void> | void; want: string[] }[] = [
    {
      name: 'tells good news at once',
      run: ({ change }) => {
        change('Ready', { message: 'created on 2 members' });
      },
      want: ['Normal Ready: created on 2 members'],
    },
    {
      name: 'says nothing without words',
      run: ({ change }) => {
        change('Ready', {});
      },
      want: [],
    },
    {
      name: 'holds trouble back',
      run: async ({ change, clock }) => {
        change('Ready', creating);
        await clock.advance(1_999);
      },
      want: [],
    },
    {
      name: 'warns of trouble that lasts',
      run: async ({ change, clock }) => {
        change('Ready', creating);
        await clock.advance(2_000);
      },
      want: ['Warning Creating: waiting for b'],
    },
    {
      name: 'does not warn of what has passed',
      run: async ({ change, clock }) => {
        change('Ready', creating);
        await clock.advance(1_000);
        change('Ready', { message: 'created on 2 members' });
        await clock.advance(60_000);
      },
      want: ['Normal Ready: created on 2 members'],
    },
    {
      name: 'warns of the last of several troubles only',
      run: async ({ change, clock }) => {
        change('Ready', creating);
        await clock.advance(1_000);
        change('Ready', { ...creating, reason: 'MemberErrored', message: 'b: no space' });
        await clock.advance(60_000);
      },
      want: ['Warning MemberErrored: b: no space'],
    },
    {
      name: 'keeps the conditions of an object apart',
      run: async ({ change, clock }) => {
        change('Ready', creating);
        change('Allocated', { message: '10.0.0.1/24' });
        change('Ready', creating);
        await clock.advance(2_000);
      },
      want: ['Normal Allocated: 10.0.0.1/24', 'Warning Creating: waiting for b'],
    },
    {
      name: 'does not warn of an object that is gone',
      run: async ({ change, clock, delete: remove }) => {
        change('Ready', creating);
        remove();
        await clock.advance(2_000);
      },
      want: [],
    },
    {
      name: 'says nothing of who uses the object',
      run: ({ change }) => {
        change('InUse', { message: 'used by instance default/web' }, true);
      },
      want: [],
    },
    {
      name: 'says who uses an object that is being deleted',
      run: ({ markDeleted }) => {
        markDeleted('InUse', { reason: 'DeletionBlocked', message: 'cannot be deleted' });
      },
      want: ['Normal DeletionBlocked: cannot be deleted'],
    },
    {
      name: 'drops what it holds when it is closed',
      run: async ({ change, clock, close }) => {
        change('Ready', creating);
        close();
        await clock.advance(2_000);
      },
      want: [],
    },
  ];
  for (const { name, run, want } of cases) {
    it(name, async () => {
      const world = createWorld();
      await run(world);
      assert.deepEqual(world.told, want);
    });
  }
});
