import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CommandRunner } from '../exec/command.ts';
import { HostError, hostErrorFrom, systemCodeOf } from '../exec/host-error.ts';
import { writeFileAtomic } from '../exec/write-file-atomic.ts';
import type { VolumeImage } from '../storage/driver.ts';
import { detectCompression, magicBytes } from './compression.ts';
import { readImageMetadata, type ImageMetadata } from './image-metadata.ts';

/** What is known of an image that is whole and checked. */
export interface StoredImage extends ImageMetadata {
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly file: VolumeImage;
}

export interface ImageContent {
  readonly stream: Readable;
  readonly sizeBytes: number;
}

/** Images of this member, by digest. What is under a digest's name has been checked and never changes. */
export interface ImageStore {
  find(digest: string): Promise<StoredImage | undefined>;
  /** The content for another member; undefined when it is not here. */
  open(digest: string): Promise<ImageContent | undefined>;
  list(): Promise<readonly string[]>;
  /**
   * Reads the stream to its end, checks it, and keeps it. `wantedDigest` absent takes any. Two calls for the
   * same digest at the same time are one: the second never reads its stream.
   */
  add(content: ContentSource, wantedDigest: string | undefined, signal: AbortSignal): Promise<StoredImage>;
  remove(digest: string): Promise<void>;
  /** Removes what a cut-off `add` left. Call it before the first `add`. */
  removeLeftovers(): Promise<void>;
}

export interface ContentSource {
  readonly open: (signal: AbortSignal) => Promise<Readable>;
  /** For people: a file name or a member. */
  readonly description: string;
}

export interface ImageStoreDeps {
  readonly commands: CommandRunner;
  readonly directory: string;
  readonly parseYaml: (text: string) => unknown;
}

/** Without the path: the data directory may be moved. */
type Manifest = Omit<StoredImage, 'file'> & Pick<VolumeImage, 'compression'>;

const draftPrefix = '.new-';
const contentFile = 'image';
const manifestFile = 'manifest.json';
const digestPattern = /^sha256:([0-9a-f]{64})$/;

export function createImageStore(deps: ImageStoreDeps): ImageStore {
  const { directory } = deps;
  const underway = new Map<string, Promise<StoredImage>>();
  const pathOf = (digest: string): string => pathIn(directory, digest);

  async function find(digest: string): Promise<StoredImage | undefined> {
    try {
      const manifest = await readFile(join(pathOf(digest), manifestFile), 'utf8');
      const { compression, ...image } = JSON.parse(manifest) as Manifest; // written below
      return { ...image, file: { path: join(pathOf(digest), contentFile), compression } };
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined;
      throw hostErrorFrom(error, `reading image ${digest}`);
    }
  }

  return {
    find,

    async open(digest) {
      if (!digestPattern.test(digest)) return undefined;
      const image = await find(digest);
      if (image === undefined) return undefined;
      const file = await open(image.file.path, 'r');
      return { stream: file.createReadStream(), sizeBytes: image.sizeBytes };
    },

    async list() {
      const names = await readdir(directory).catch(() => []);
      return names.filter((name) => !name.startsWith('.')).map((name) => `sha256:${name}`);
    },

    async add(source, wantedDigest, signal) {
      if (wantedDigest === undefined) return receive(deps, source, undefined, find, signal);
      const known = underway.get(wantedDigest);
      if (known !== undefined) return known;
      const receiving = (async () =>
        (await find(wantedDigest)) ?? (await receive(deps, source, wantedDigest, find, signal)))();
      // Before anything is awaited: the next caller has to see it.
      underway.set(wantedDigest, receiving);
      return receiving.finally(() => underway.delete(wantedDigest));
    },

    async remove(digest) {
      // Renamed first, so that nobody finds half of it.
      const doomed = join(directory, `${draftPrefix}${randomUUID()}`);
      try {
        await rename(pathOf(digest), doomed);
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return;
        throw hostErrorFrom(error, `deleting image ${digest}`);
      }
      await rm(doomed, { recursive: true, force: true });
    },

    async removeLeftovers() {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      for (const name of await readdir(directory)) {
        if (name.startsWith(draftPrefix)) await rm(join(directory, name), { recursive: true, force: true });
      }
    },
  };
}

type Find = ImageStore['find'];

async function receive(
  deps: ImageStoreDeps,
  source: ContentSource,
  wantedDigest: string | undefined,
  find: Find,
  signal: AbortSignal,
): Promise<StoredImage> {
  const draft = join(deps.directory, `${draftPrefix}${randomUUID()}`);
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    const path = join(draft, contentFile);
    const { digest, sizeBytes } = await writeAndDigest(await source.open(signal), path, signal);
    if (wantedDigest !== undefined && digest !== wantedDigest) {
      throw new HostError(
        'NotSupported',
        `checking ${source.description}: its digest is ${digest}, wanted is ${wantedDigest}`,
      );
    }
    const known = await find(digest);
    if (known !== undefined) return known;
    const compression = detectCompression(await readStart(path));
    const metadata = await readImageMetadata(deps, { path, compression }, signal);
    const manifest: Manifest = { digest, sizeBytes, ...metadata, compression };
    await writeFileAtomic(join(draft, manifestFile), JSON.stringify(manifest));
    const target = pathIn(deps.directory, digest);
    await rename(draft, target).catch(async (error: unknown) => {
      // The same content came by another way in the meantime.
      if ((await find(digest)) === undefined) throw error;
    });
    return { digest, sizeBytes, ...metadata, file: { path: join(target, contentFile), compression } };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Refuses what would name another directory. */
function pathIn(directory: string, digest: string): string {
  return join(directory, hexOf(digest));
}

function hexOf(digest: string): string {
  const hex = digestPattern.exec(digest)?.[1];
  if (hex === undefined) throw new HostError('NotSupported', `using "${digest}" as a digest`);
  return hex;
}

/** What is stored is what was measured: the file is never read a second time to check it. */
async function writeAndDigest(
  content: Readable,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly digest: string; readonly sizeBytes: number }> {
  const hash = createHash('sha256');
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(undefined, chunk);
    },
  });
  await pipeline(content, measure, createWriteStream(path, { mode: 0o600, flush: true }), { signal });
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes: (await stat(path)).size };
}

async function readStart(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: magicBytes - 1 })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
