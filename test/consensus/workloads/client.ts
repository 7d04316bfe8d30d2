import { setTimeout as delay } from 'node:timers/promises';

import { listObjects } from '../client/list-objects.ts';
import { request } from '../client/object-requests.ts';
import type { Recorder } from '../history/recorder.ts';
import type { ObjectInput } from '../linearizability/models/object.ts';
import type { Random } from '../random.ts';
import type { NamedClient } from '../watch/watcher.ts';
import type { Keys } from './keys.ts';

export interface WorkloadOptions {
  readonly name: string;
  readonly members: () => readonly NamedClient[];
  /** The member it talks to; one without goes to any. */
  readonly home: string | undefined;
  readonly keys: Keys;
  readonly recorder: Recorder;
  readonly random: Random;
  /** At most, between two operations. */
  readonly pauseMs: number;
}

type Action = (options: WorkloadOptions, memory: Memory, member: NamedClient) => Promise<void>;

interface Memory {
  /** The revision of each object that this client saw last. */
  readonly revisions: Map<string, number>;
  /** In which it believes that the leader is. */
  term: number;
}

const colors = ['red', 'green', 'blue'];
const highestTerm = 150;
const listPageSize = '5';

// Register and compare-and-set on a few objects, a set that grows, and lists, as often as the number says.
const actions: readonly { readonly share: number; readonly act: Action }[] = [
  { share: 30, act: (options, memory, member) => operate(options, memory, member, { kind: 'read' }) },
  { share: 16, act: (options, memory, member) => operate(options, memory, member, 'update') },
  { share: 20, act: replaceWhatWasRead },
  { share: 12, act: (options, memory, member) => operate(options, memory, member, 'create') },
  { share: 6, act: (options, memory, member) => operate(options, memory, member, { kind: 'delete' }) },
  { share: 3, act: addElement },
  { share: 4, act: addElementInTerm },
  { share: 5, act: (options, _memory, member) => list(options, member, true) },
  { share: 5, act: (options, _memory, member) => list(options, member, false) },
];

/** One client that does one thing after the other until it is told to stop. */
export async function runClient(options: WorkloadOptions, signal: AbortSignal): Promise<void> {
  const { random, pauseMs } = options;
  const memory: Memory = { revisions: new Map(), term: random.between(1, 4) };
  while (!signal.aborted) {
    await pickAction(random)(options, memory, pickMember(options));
    await delay(random.between(0, pauseMs));
  }
}

/**
 * Most clients stay with one member, so that those of a member that is cut off wait for it while the others go on; some
 * go from one to the other, and would notice if these did not agree.
 */
function pickMember({ members, home, random }: WorkloadOptions): NamedClient {
  const own = members().find(({ name }) => name === home);
  return own ?? random.pick(members());
}

function pickAction(random: Random): Action {
  const total = actions.reduce((sum, { share }) => sum + share, 0);
  let left = random.next() * total;
  for (const { share, act } of actions) {
    left -= share;
    if (left < 0) return act;
  }
  return addElement;
}

async function operate(
  options: WorkloadOptions,
  memory: Memory,
  member: NamedClient,
  what: ObjectInput | 'create' | 'update',
): Promise<void> {
  const { keys, random, name } = options;
  const key = keys.draw(random);
  const input = typeof what === 'string' ? { kind: what, id: keys.nextId(name) } : what;
  await record(options, memory, member, key, input);
}

/** Read, then write if nobody else did: of all who read the same, one may succeed. */
async function replaceWhatWasRead(
  options: WorkloadOptions,
  memory: Memory,
  member: NamedClient,
): Promise<void> {
  const { keys, random, name, members } = options;
  const key = keys.draw(random);
  if (!memory.revisions.has(key) || random.next() < 0.5)
    await record(options, memory, member, key, { kind: 'read' });
  const expected = memory.revisions.get(key);
  if (expected === undefined) return;
  // The write may go to another member than the read, which then has to know as much.
  const writer = random.next() < 0.5 ? member : random.pick(members());
  await record(options, memory, writer, key, { kind: 'replace', id: keys.nextId(name), expected });
}

async function addElement(options: WorkloadOptions, memory: Memory, member: NamedClient): Promise<void> {
  const { keys, name } = options;
  await record(options, memory, member, keys.drawElement(), { kind: 'create', id: keys.nextId(name) });
}

/** As controllers write: only as long as the leader is the one for which this was decided. */
async function addElementInTerm(
  options: WorkloadOptions,
  memory: Memory,
  { name: member, client }: NamedClient,
): Promise<void> {
  const { keys, name, recorder } = options;
  const { term } = memory;
  const key = keys.drawElement();
  const input = { kind: 'create', id: keys.nextId(name) } as const;
  const requestOptions = { labels: chooseLabels(options, key), term };
  const outcome = await recorder.run({ member, key, input, term }, () =>
    request(client, key, input, requestOptions),
  );
  // Nobody tells a client of the term: it tries them one after the other.
  const isOver = outcome.kind === 'refused' && outcome.problem.includes('409');
  if (isOver) memory.term = term >= highestTerm ? 1 : term + 1;
}

async function record(
  options: WorkloadOptions,
  { revisions }: Memory,
  { name: member, client }: NamedClient,
  key: string,
  input: ObjectInput,
): Promise<void> {
  const labels = chooseLabels(options, key);
  const outcome = await options.recorder.run({ member, key, input }, () =>
    request(client, key, input, { labels }),
  );
  if (outcome.kind !== 'known') return;
  const { output } = outcome;
  if ((output.kind === 'found' || output.kind === 'written') && output.revision !== undefined) {
    revisions.set(key, output.revision);
  } else if (output.kind !== 'conflict') {
    revisions.delete(key);
  }
}

function chooseLabels({ random }: WorkloadOptions, key: string): Readonly<Record<string, string>> {
  return { generation: key.split('-')[0] ?? '', color: random.pick(colors) };
}

/** A list of the present generation; some in pages, which have to fit together. */
async function list(
  { keys, recorder, random }: WorkloadOptions,
  { name: member, client }: NamedClient,
  isCurrent: boolean,
): Promise<void> {
  const labels = { generation: keys.generation };
  const query: Record<string, string> = { labelSelector: `generation=${labels.generation}` };
  if (!isCurrent) query['resourceVersion'] = '0';
  else if (random.next() < 0.5) query['limit'] = listPageSize;
  const calledAt = recorder.tick();
  const startMs = performance.now();
  try {
    const { revision, objects } = await listObjects(client, query);
    const returnedAt = recorder.tick();
    recorder.lists.push({ member, calledAt, returnedAt, startMs, isCurrent, labels, revision, objects });
  } catch (error) {
    recorder.note(`${isCurrent ? '' : 'stale '}${String(error)}`);
  }
}
