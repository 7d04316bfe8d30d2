import assert from 'node:assert/strict';

import type { Outcome } from '../client/object-requests.ts';
import { Recorder } from '../history/recorder.ts';
import type { ObjectInput } from '../linearizability/models/object.ts';
import type { ObservedObject, StreamItem, WatchStream } from '../watch/stream.ts';
import { judge } from './judge.ts';

const labels = { generation: 'g0' };
const object = (key: string, id: string, revision: number): ObservedObject => ({ key, id, labels, revision });
const added = (key: string, id: string, revision: number): StreamItem => ({
  kind: 'change',
  type: 'ADDED',
  object: object(key, id, revision),
});

function watch(...items: readonly StreamItem[]): WatchStream {
  return { watcher: 'w', member: 'n1', selector: undefined, startRevision: 10, initial: [], items };
}

const written = (revision: number): Outcome => ({ kind: 'known', output: { kind: 'written', revision } });
const refused: Outcome = { kind: 'refused', problem: '503' };
const unknown: Outcome = { kind: 'unknown', problem: '504' };

interface Step {
  readonly input: ObjectInput;
  readonly outcome: Outcome;
  readonly key?: string;
  readonly term?: number;
}

const create = (id: string, outcome: Outcome, more: Partial<Step> = {}): Step => ({
  input: { kind: 'create', id },
  outcome,
  ...more,
});

async function record(steps: readonly Step[]): Promise<Recorder> {
  const recorder = new Recorder();
  for (const { input, outcome, key = 'a', term } of steps) {
    await recorder.run({ member: 'n1', key, input, ...(term === undefined ? {} : { term }) }, () =>
      Promise.resolve(outcome),
    );
  }
  return recorder;
}

interface Row {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly items: readonly StreamItem[];
  readonly want: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'an acknowledged write',
    steps: [create('1', written(11))],
    items: [added('a', '1', 11)],
    want: [],
  },
  { name: 'a refused write that is nowhere', steps: [create('1', refused)], items: [], want: [] },
  {
    name: 'an unknown write that was done',
    steps: [create('1', unknown)],
    items: [added('a', '1', 11)],
    want: [],
  },
  { name: 'an unknown write that was not done', steps: [create('1', unknown)], items: [], want: [] },
  {
    name: 'an acknowledged write that is nowhere',
    steps: [create('1', written(11))],
    items: [{ kind: 'bookmark', revision: 12 }],
    want: ['lost'],
  },
  {
    name: 'a refused write that was done',
    steps: [create('1', refused)],
    items: [added('a', '1', 11)],
    want: ['refused'],
  },
  {
    name: 'a write that was done twice',
    steps: [create('1', unknown)],
    items: [added('a', '1', 11), { ...(added('a', '1', 12) as object), type: 'MODIFIED' } as StreamItem],
    want: ['once'],
  },
  { name: 'a change that nobody asked for', steps: [], items: [added('a', 'x', 11)], want: ['written'] },
  {
    name: 'a later write with an older revision',
    steps: [create('1', written(12)), create('2', written(11), { key: 'b' })],
    items: [added('b', '2', 11), added('a', '1', 12)],
    want: ['real time'],
  },
  {
    name: 'a write for a term that is over',
    steps: [create('1', written(11), { term: 3 }), create('2', written(12), { key: 'b', term: 2 })],
    items: [added('a', '1', 11), added('b', '2', 12)],
    want: ['fenced'],
  },
  {
    name: 'an answer that nobody promised',
    steps: [{ input: { kind: 'read' }, outcome: { kind: 'strange', problem: '418' } }],
    items: [],
    want: ['promised'],
  },
  {
    name: 'a read of what is not there yet',
    steps: [
      {
        input: { kind: 'read' },
        outcome: { kind: 'known', output: { kind: 'found', id: '1', revision: 11 } },
      },
      create('1', written(11)),
    ],
    items: [added('a', '1', 11)],
    want: ['linearizable'],
  },
];

describe('verdict', () => {
  for (const { name, steps, items, want } of rows) {
    it(`${want.length === 0 ? 'accepts' : `finds (${want.join(', ')})`} ${name}`, async () => {
      const violations = judge(await record(steps), [watch(...items)]);
      assert.deepEqual([...new Set(violations.map(({ check }) => check))], want);
    });
  }

  it('finds a list that shows another state than that of its revision', async () => {
    const recorder = await record([create('1', written(11))]);
    const list = { member: 'n2', isCurrent: false, labels, calledAt: 3, returnedAt: 4, startMs: 0 };
    recorder.lists.push({ ...list, revision: 11, objects: [object('a', '1', 11)] });
    const streams = [watch(added('a', '1', 11))];
    assert.deepEqual(judge(recorder, streams), []);
    recorder.lists.push({ ...list, revision: 11, objects: [] });
    assert.deepEqual(
      judge(recorder, streams).map(({ check }) => check),
      ['snapshot'],
    );
  });

  it('finds that no watcher saw some of it', () => {
    const late = { ...watch(), startRevision: 20 };
    const found = judge(new Recorder(), [watch(), late]).map(({ check }) => check);
    assert.deepEqual(found, ['covered']);
  });
});
