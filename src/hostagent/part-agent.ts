import { isDeepStrictEqual } from 'node:util';
import type { Resource } from '../api/resource.ts';
import { isApiError } from '../api/api-error.ts';
import { describeError } from '../base/describe-error.ts';
import type { Informer, InformerChange } from '../runtime/informer.ts';
import type { WorkResult } from '../runtime/work-queue.ts';
import {
  commitDraft,
  mayTearDown,
  withoutPart,
  withPart,
  type AgentTools,
  type Reconcilable,
  type Reconcile,
} from './agent-tools.ts';
import type { RecordStore } from './record-store.ts';

/** One member's entry in the status of a pool or network. */
export interface MemberPart {
  name: string;
  state: 'Created' | 'Deleting' | 'Errored' | 'Pending';
  message?: string | undefined;
}

export interface Parted<Part> extends Reconcilable {
  status?: (NonNullable<Reconcilable['status']> & { members?: Part[] | undefined }) | undefined;
}

/** An object of which every member has a part: what differs between pools and networks. */
export interface PartKind<
  T extends Parted<Part>,
  Part extends MemberPart,
  Rec extends { readonly uid: string },
> {
  readonly resource: Resource<T>;
  readonly informer: Informer<T>;
  readonly records: RecordStore<Rec>;
  /** Makes the part, or makes it as wanted again, and writes its record. */
  readonly create: (stored: T, record: Rec | undefined, signal: AbortSignal) => Promise<Part>;
  /** Whether instances on this host stand in the way, whatever the controller has found. */
  readonly isUsedHere: (stored: T) => boolean;
  /** Leaves nothing of it but the record, which is removed after. */
  readonly tearDown: (name: string, record: Rec, signal: AbortSignal) => Promise<void>;
}

const resyncMs = 60_000;
// Fifty members that write into one object at the same time are through after two or three rounds.
const crowdedMs = 1_000;

export function createPartAgent<
  T extends Parted<Part>,
  Part extends MemberPart,
  Rec extends { readonly uid: string },
>(tools: AgentTools, kind: PartKind<T, Part, Rec>): Reconcile {
  return async (name, signal) => {
    const stored = kind.informer.get(name);
    const record = await kind.records.get(name);
    if (stored === undefined || (record !== undefined && record.uid !== stored.metadata.uid)) {
      return removeUnknown(tools, kind, name, record, signal);
    }
    if (stored.metadata.deletionTimestamp === undefined) return keep(tools, kind, stored, record, signal);
    if (!mayTearDown(stored) || kind.isUsedHere(stored)) return undefined;
    if (record !== undefined) await tearDown(kind, name, record, signal);
    await tell(tools, kind, stored, undefined, signal);
    return undefined;
  };
}

/**
 * Whether a change means anything to this member. Of fifty members each writes its own part into the object, and
 * the controller counts them: were all to look each time, they would do nothing else.
 */
export function concernsPartOf(memberName: string) {
  return ({ before, after }: InformerChange<Parted<{ readonly name: string }>>): boolean =>
    before === undefined ||
    after === undefined ||
    !isDeepStrictEqual(whatMatters(before, memberName), whatMatters(after, memberName));
}

function whatMatters({ metadata, status = {} }: Parted<{ readonly name: string }>, memberName: string) {
  // Everything but the parts of others, and the conditions that tell of them; people's wishes raise the generation.
  const { members = [], conditions = [], ...own } = status;
  const { uid, generation, deletionTimestamp } = metadata;
  return {
    ...{ uid, generation, deletionTimestamp, own },
    part: members.find(({ name }) => name === memberName),
    isUsed: conditions.find(({ type }) => type === 'InUse'),
  };
}

async function keep<T extends Parted<Part>, Part extends MemberPart, Rec extends { readonly uid: string }>(
  tools: AgentTools,
  kind: PartKind<T, Part, Rec>,
  stored: T,
  record: Rec | undefined,
  signal: AbortSignal,
): Promise<WorkResult> {
  try {
    await tell(tools, kind, stored, await kind.create(stored, record, signal), signal);
    return { recheckMs: resyncMs };
  } catch (error) {
    signal.throwIfAborted();
    // Somebody else wrote in the meantime: nothing is wrong here, and to wait longer each time would not help.
    if (isApiError(error, 'Conflict')) return { recheckMs: Math.ceil((0.1 + tools.random()) * crowdedMs) };
    const message = describeError(error);
    const told = stored.status?.members?.find((part) => part.name === tools.memberName);
    if (told?.message !== message) tools.events.record(stored, 'Warning', 'Failed', message);
    const failed: MemberPart = { name: tools.memberName, state: 'Errored', message };
    await tell(tools, kind, stored, failed as Part, signal); // every other field of a part is optional
    throw error;
  }
}

/** The cache may lag: only the API itself may say that an object is gone. */
async function removeUnknown<
  T extends Parted<Part>,
  Part extends MemberPart,
  Rec extends { readonly uid: string },
>(
  { clusterApi, logger }: AgentTools,
  kind: PartKind<T, Part, Rec>,
  name: string,
  record: Rec | undefined,
  signal: AbortSignal,
): Promise<WorkResult | undefined> {
  if (record === undefined) return undefined;
  const current = await clusterApi.get(kind.resource, { name }, signal);
  if (current?.metadata.uid === record.uid) return undefined;
  logger.info({ kind: kind.resource.kind, name }, 'removing what an object that is gone left here');
  await tearDown(kind, name, record, signal);
  return current === undefined ? undefined : { recheckMs: 0 };
}

async function tearDown<Part extends MemberPart, Rec extends { readonly uid: string }>(
  { tearDown: act, records }: Pick<PartKind<Parted<Part>, Part, Rec>, 'records' | 'tearDown'>,
  name: string,
  record: Rec,
  signal: AbortSignal,
): Promise<void> {
  await act(name, record, signal);
  await records.remove(name);
}

async function tell<T extends Parted<Part>, Part extends MemberPart>(
  tools: AgentTools,
  { resource }: { readonly resource: Resource<T> },
  stored: T,
  part: Part | undefined,
  signal: AbortSignal,
): Promise<void> {
  const draft = structuredClone(stored);
  const parts = stored.status?.members;
  const members = part === undefined ? withoutPart(parts, tools.memberName) : withPart(parts, part);
  draft.status = { ...draft.status, members };
  await commitDraft(tools, resource, stored, draft, signal);
}
