import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import type { Image, ImageStatusMember } from '../../api/generated/image.ts';
import { images as resource } from '../../api/generated/resources.ts';
import { keyOf, type ObjectName } from '../../api/resource.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Content } from '../../runtime/fetch-content.ts';
import type { Informer } from '../../runtime/informer.ts';
import type { WorkResult } from '../../runtime/work-queue.ts';
import {
  commitDraft,
  mayTearDown,
  say,
  withoutPart,
  withPart,
  type AgentTools,
  type Reconcile,
} from '../agent-tools.ts';
import { HostError, systemCodeOf } from '../exec/host-error.ts';
import type { ContentSource, ImageStore, StoredImage } from './image-store.ts';
import { planImage } from './plan.ts';

/** Asks a member for the content of an image. */
export type FetchContent = (member: string, image: ObjectName, signal: AbortSignal) => Promise<Content>;

export interface ImageAgentDeps extends AgentTools {
  readonly images: Informer<Image>;
  readonly store: ImageStore;
  readonly fetchContent: FetchContent;
  /** Where people put files to import. */
  readonly importDirectory: string;
}

const resyncMs = 60_000;
// Somebody may be about to put the file there.
const missingFileRecheckMs = 5_000;
const progressEveryMs = 10_000;
const stalledAfterMs = 30_000;

/** Imports, fetches and removes images, as the API wants them on this member. */
export function createImageAgent(deps: ImageAgentDeps): Reconcile {
  const { images, memberName, store } = deps;
  return async (key, signal) => {
    const stored = images.get(key);
    if (stored === undefined) {
      await removeUnwanted(deps, signal);
      return undefined;
    }
    const { digest } = stored.status ?? {};
    const local = digest === undefined ? undefined : await store.find(digest);
    const plan = planImage(stored, memberName, local !== undefined, mayTearDown(stored));
    switch (plan) {
      case 'nothing':
        return undefined;
      case 'import':
        return importFile(deps, stored, signal);
      case 'fetch':
        return fetchFromPeer(deps, stored, signal);
      case 'keep':
        await tell(deps, stored, { name: memberName, state: 'Ready' }, local, signal);
        await removeUnwanted(deps, signal);
        return { recheckMs: resyncMs };
      case 'remove':
        await tell(deps, stored, undefined, undefined, signal);
        await removeUnwanted(deps, signal);
        return undefined;
    }
  };
}

async function importFile(deps: ImageAgentDeps, stored: Image, signal: AbortSignal): Promise<WorkResult> {
  const { events, importDirectory, store } = deps;
  const { file } = stored.spec.source;
  const source = {
    description: `import/${file}`,
    open: () => openImportFile(importDirectory, file),
  };
  try {
    const image = await store.add(source, stored.status?.digest ?? stored.spec.digest, signal);
    const message = `imported from ${source.description}, ${image.sizeBytes} bytes`;
    await tell(deps, stored, { name: deps.memberName, state: 'Ready' }, image, signal, {
      status: 'True',
      reason: 'Imported',
      message,
    });
    events.record(stored, 'Normal', 'Imported', message);
    return { recheckMs: resyncMs };
  } catch (error) {
    signal.throwIfAborted();
    await tellFailure(deps, stored, error, signal, isMissing(error) ? 'FileNotFound' : 'ImportFailed');
    if (isMissing(error)) return { recheckMs: missingFileRecheckMs };
    throw error;
  }
}

/** One member after the other, in an order of chance, so that not all ask the same one. */
async function fetchFromPeer(deps: ImageAgentDeps, stored: Image, signal: AbortSignal): Promise<WorkResult> {
  const { events, logger, memberName, random, store } = deps;
  const digest = stored.status?.digest;
  const holders = (stored.status?.members ?? [])
    .filter(({ name, state }) => state === 'Ready' && name !== memberName)
    .map(({ name }) => ({ name, rank: random() }))
    .toSorted((a, b) => a.rank - b.rank);
  const failures: string[] = [];
  let current = stored;
  for (const { name: member } of holders) {
    const fetching = { name: memberName, state: 'Fetching', message: `from ${member}` } as const;
    current = await tell(deps, current, fetching, undefined, signal);
    let image: StoredImage;
    try {
      image = await store.add(peerSource(deps, stored, member), digest, signal);
    } catch (error) {
      signal.throwIfAborted();
      const reason = describeError(error);
      logger.warn({ image: keyOf(stored), from: member, reason }, 'fetching an image failed');
      failures.push(`${member}: ${reason}`);
      continue;
    }
    events.record(stored, 'Normal', 'Fetched', `fetched from ${member}, ${image.sizeBytes} bytes`);
    // A write conflict here is no failed fetch: the image is here, and the next look tells so.
    await tell(deps, current, { name: memberName, state: 'Ready' }, image, signal);
    return { recheckMs: resyncMs };
  }
  const reason = failures.length === 0 ? 'no other member has it' : failures.join('; ');
  const error = new HostError('NotFound', `fetching image ${keyOf(stored)}: ${reason}`);
  await tellFailure(deps, current, error, signal);
  throw error;
}

function peerSource(
  { clock, fetchContent, logger }: ImageAgentDeps,
  stored: Image,
  member: string,
): ContentSource {
  const { name, namespace = 'default' } = stored.metadata;
  return {
    description: `member ${member}`,
    async open(signal) {
      const content = await fetchContent(member, { name, namespace }, signal);
      const total = content.sizeBytes;
      let received = 0;
      let lastMs = clock.monotonicMs();
      let loggedMs = lastMs;
      const watched = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          received += chunk.length;
          lastMs = clock.monotonicMs();
          if (lastMs - loggedMs >= progressEveryMs) {
            loggedMs = lastMs;
            logger.info({ image: keyOf(stored), member, received, total }, 'fetching an image');
          }
          done(undefined, chunk);
        },
      });
      const check = (): void => {
        if (watched.destroyed || watched.readableEnded) return;
        if (clock.monotonicMs() - lastMs < stalledAfterMs) cancel = clock.after(stalledAfterMs, check);
        else
          watched.destroy(
            new HostError('Timeout', `reading from member ${member}: nothing came for ${stalledAfterMs} ms`),
          );
      };
      let cancel = clock.after(stalledAfterMs, check);
      watched.on('close', () => {
        cancel();
        void content.close();
      });
      content.stream.on('error', (error) => watched.destroy(error));
      return content.stream.pipe(watched);
    },
  };
}

async function openImportFile(directory: string, file: string): Promise<Readable> {
  if (file.includes('/') || file === '..' || file === '.') {
    throw new HostError('NotSupported', `importing ${file}: a plain file name is wanted`);
  }
  const path = join(directory, file);
  try {
    if (!(await stat(path)).isFile())
      throw new HostError('NotSupported', `importing ${path}: it is not a file`);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
    throw new HostError('NotFound', `importing ${path}: there is no such file; put it there`, {
      cause: error,
    });
  }
  return createReadStream(path);
}

function isMissing(error: unknown): boolean {
  return error instanceof HostError && error.code === 'NotFound';
}

/** Copies whose last object is gone, or has no use for this member. The cache may lag: the API itself is asked. */
async function removeUnwanted(deps: ImageAgentDeps, signal: AbortSignal): Promise<void> {
  const { clusterApi, images, logger, store } = deps;
  const kept = digestsOf(deps, images.list());
  const doomed = (await store.list()).filter((digest) => !kept.has(digest));
  if (doomed.length === 0) return;
  const { items } = await clusterApi.list(resource, {}, signal);
  // What is being imported has a file here before its object has the digest.
  if (items.some((image) => isImporting(image, deps.memberName))) return;
  const wanted = digestsOf(deps, items);
  for (const digest of doomed) {
    if (wanted.has(digest)) continue;
    logger.info({ digest }, 'deleting an image that nothing wants any more');
    await store.remove(digest);
  }
}

function digestsOf({ memberName }: ImageAgentDeps, images: readonly Image[]): ReadonlySet<string> {
  const kept = images.filter(
    (image) => image.metadata.deletionTimestamp === undefined || isListed(image, memberName),
  );
  return new Set(kept.flatMap(({ status }) => (status?.digest === undefined ? [] : [status.digest])));
}

function isImporting({ metadata, spec, status }: Image, memberName: string): boolean {
  const isDeleting = metadata.deletionTimestamp !== undefined;
  return !isDeleting && spec.source.member === memberName && status?.digest === undefined;
}

function isListed({ status }: Image, memberName: string): boolean {
  return status?.members?.some(({ name }) => name === memberName) ?? false;
}

async function tellFailure(
  deps: ImageAgentDeps,
  stored: Image,
  error: unknown,
  signal: AbortSignal,
  importReason?: string,
): Promise<void> {
  const message = describeError(error);
  const told = stored.status?.members?.find(({ name }) => name === deps.memberName);
  if (told?.message !== message)
    deps.events.record(stored, 'Warning', importReason ?? 'FetchFailed', message);
  const imported =
    importReason === undefined ? undefined : ({ status: 'False', reason: importReason, message } as const);
  await tell(deps, stored, { name: deps.memberName, state: 'Failed', message }, undefined, signal, imported);
}

async function tell(
  deps: ImageAgentDeps,
  stored: Image,
  part: ImageStatusMember | undefined,
  image: StoredImage | undefined,
  signal: AbortSignal,
  imported?: Parameters<typeof say>[3],
): Promise<Image> {
  const draft = structuredClone(stored);
  const { members: parts, digest } = stored.status ?? {};
  const status = (draft.status ??= {});
  status.members = part === undefined ? withoutPart(parts, deps.memberName) : withPart(parts, part);
  if (image !== undefined && digest === undefined) {
    const { digest: measured, sizeBytes, architecture, createdAt, properties } = image;
    Object.assign(status, { digest: measured, sizeBytes, architecture, createdAt, properties });
  }
  if (imported !== undefined) say(draft, status, 'Imported', imported, deps.clock.now());
  return commitDraft(deps, resource, stored, draft, signal);
}
