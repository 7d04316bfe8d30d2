import assert from 'node:assert/strict';

import { checkWatches } from './checks.ts';
import { joinStreams } from './event-log.ts';
import type { ObservedObject, StreamItem, WatchStream } from './stream.ts';

type Type = 'ADDED' | 'DELETED' | 'MODIFIED';

/** `12 a=x red` is the content x of the key a at revision 12, with the color red. */
function object(text: string): ObservedObject {
  const [revision, content = '', color = 'none'] = text.split(' ');
  const [key = '', id = ''] = content.split('=');
  return { key, id, labels: { color }, revision: Number(revision) };
}

const change = (type: Type, text: string): StreamItem => ({ kind: 'change', type, object: object(text) });
const bookmark = (revision: number): StreamItem => ({ kind: 'bookmark', revision });

const red = { label: 'color', value: 'red' };
const start = { watcher: 'w', member: 'n1', selector: undefined, startRevision: 10, initial: [] };

/** What happened, as a watcher without fault and without selector saw it. */
const whole: WatchStream = {
  ...start,
  watcher: 'whole',
  items: [
    change('ADDED', '11 a=1'),
    change('ADDED', '12 b=1 red'),
    change('MODIFIED', '13 a=2 red'),
    change('MODIFIED', '14 b=2'),
    change('DELETED', '15 a=2 red'),
    change('ADDED', '16 c=1'),
    change('ADDED', '16 d=1'),
    bookmark(17),
  ],
};
const without = (...indexes: number[]): readonly StreamItem[] =>
  whole.items.filter((_, index) => !indexes.includes(index));
const resumed = { ...start, startRevision: 13, initial: undefined };

const good: readonly { readonly name: string; readonly stream: WatchStream }[] = [
  { name: 'everything', stream: whole },
  { name: 'a stream that was cut', stream: { ...start, items: whole.items.slice(0, 3) } },
  { name: 'one that resumes', stream: { ...resumed, items: whole.items.slice(3) } },
  { name: 'nothing but a bookmark', stream: { ...resumed, startRevision: 16, items: [bookmark(17)] } },
  { name: 'nothing at all', stream: { ...resumed, items: [] } },
  {
    name: 'what a selector shows, with those that enter and leave its view',
    stream: {
      ...start,
      selector: red,
      items: [
        change('ADDED', '12 b=1 red'),
        change('ADDED', '13 a=2 red'),
        change('DELETED', '14 b=1 red'),
        change('DELETED', '15 a=2 red'),
        bookmark(17),
      ],
    },
  },
];

const bad: readonly { readonly name: string; readonly check: string; readonly stream: WatchStream }[] = [
  {
    name: 'changes in the wrong order',
    check: 'ordered',
    stream: { ...start, items: [change('ADDED', '12 b=1 red'), change('ADDED', '11 a=1')] },
  },
  {
    name: 'a change twice',
    check: 'unique',
    stream: { ...start, items: [change('ADDED', '11 a=1'), change('ADDED', '11 a=1')] },
  },
  {
    name: 'a change after its bookmark',
    check: 'bookmarkable',
    stream: { ...start, items: [change('ADDED', '11 a=1'), bookmark(12), change('ADDED', '12 b=1 red')] },
  },
  {
    name: 'a change from before the start',
    check: 'bookmarkable',
    stream: { ...resumed, items: [change('MODIFIED', '13 a=2 red')] },
  },
  {
    name: 'a bookmark that goes back',
    check: 'bookmarkable',
    stream: { ...start, items: [...whole.items, bookmark(14)] },
  },
  { name: 'half of a transaction', check: 'atomic', stream: { ...start, items: without(6) } },
  {
    name: 'a transaction with a bookmark inside',
    check: 'atomic',
    stream: { ...start, items: [...whole.items.slice(0, 6), bookmark(16), ...whole.items.slice(6)] },
  },
  { name: 'a gap', check: 'reliable', stream: { ...start, items: without(2) } },
  { name: 'a bookmark over a change', check: 'reliable', stream: { ...start, items: [bookmark(11)] } },
  {
    name: 'what its selector hides',
    check: 'reliable',
    stream: { ...start, selector: red, items: [change('ADDED', '11 a=1')] },
  },
  {
    name: 'a resumed stream that leaves out the next change',
    check: 'resumable',
    stream: { ...resumed, items: whole.items.slice(4) },
  },
  {
    name: 'a change that is called an addition',
    check: 'previous',
    stream: { ...start, items: [...whole.items.slice(0, 2), change('ADDED', '13 a=2 red')] },
  },
  {
    name: 'the wrong content in a deletion',
    check: 'previous',
    stream: {
      ...start,
      selector: red,
      items: [change('ADDED', '12 b=1 red'), change('ADDED', '13 a=2 red'), change('DELETED', '14 b=2')],
    },
  },
  {
    name: 'another content than others saw',
    check: 'agreed',
    stream: { ...start, items: [change('ADDED', '11 a=other')] },
  },
];

describe('watch checks', () => {
  for (const { name, stream } of good) {
    it(`accept ${name}`, () => {
      const streams = [whole, stream];
      assert.deepEqual(checkWatches(streams, joinStreams(streams)), []);
    });
  }
  for (const { name, check, stream } of bad) {
    it(`refuse ${name}: ${check}`, () => {
      const streams = [whole, stream];
      const found = checkWatches(streams, joinStreams(streams)).map((one) => one.check);
      assert(found.includes(check), `found ${found.join(', ') || 'nothing'}`);
    });
  }

  it('begin with the first list that is followed', () => {
    const idle: WatchStream = { ...start, startRevision: 5, items: [] };
    const log = joinStreams([idle, whole]);
    assert.deepEqual([log.firstRevision, log.gaps], [10, []]);
  });

  it('say nothing about revisions that no watcher saw', () => {
    const late: WatchStream = {
      ...start,
      startRevision: 30,
      initial: [object('30 c=1')],
      items: [change('DELETED', '31 c=1')],
    };
    const log = joinStreams([whole, late]);
    assert.deepEqual(log.gaps, [[17, 30]]);
  });

  it('take what became of an object that no watcher saw coming', () => {
    const items = [change('DELETED', '31 unseen=1'), bookmark(40)];
    const late = { ...start, startRevision: 30, initial: undefined };
    const streams: WatchStream[] = [whole, { ...late, items }, { ...late, selector: red, items }];
    assert.deepEqual(checkWatches(streams, joinStreams(streams)), []);
  });
});
