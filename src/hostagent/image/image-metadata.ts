import type { CommandRunner } from '../exec/command.ts';
import { HostError, isHostError } from '../exec/host-error.ts';
import type { VolumeImage } from '../storage/driver.ts';

export interface ImageMetadata {
  readonly architecture: string;
  /** RFC 3339; absent when the image does not say. */
  readonly createdAt?: string;
  readonly properties: Readonly<Record<string, string>>;
}

interface MetadataDeps {
  readonly commands: CommandRunner;
  readonly parseYaml: (text: string) => unknown;
}

const metadataLimitBytes = 1024 * 1024;
const readTimeoutMs = 5 * 60_000;
const longestProperty = 4_096;
const mostProperties = 100;

/** Reads `metadata.yaml` out of a unified tarball. */
export async function readImageMetadata(
  { commands, parseYaml }: MetadataDeps,
  { path }: VolumeImage,
  signal: AbortSignal,
): Promise<ImageMetadata> {
  const args = ['--extract', '--to-stdout', '--occurrence=1', `--file=${path}`];
  const read = (name: string): Promise<string> =>
    commands.run(
      {
        program: 'tar',
        args: [...args, name],
        timeoutMs: readTimeoutMs,
        outputLimitBytes: metadataLimitBytes,
      },
      signal,
    );
  const text = await read('metadata.yaml').catch(async (error: unknown) => {
    if (!isHostError(error, 'CommandFailed')) throw error;
    return read('./metadata.yaml');
  });
  return parseImageMetadata(text, parseYaml);
}

/** Takes over what is text; anything else in it is for other programs. */
export function parseImageMetadata(text: string, parseYaml: (text: string) => unknown): ImageMetadata {
  const document = readYaml(text, parseYaml);
  const { architecture, creation_date: created, properties } = document;
  if (typeof architecture !== 'string' || architecture === '') {
    throw new HostError('NotSupported', 'reading metadata.yaml: it has no architecture');
  }
  return {
    architecture,
    ...(typeof created === 'number' && created > 0
      ? { createdAt: `${new Date(created * 1_000).toISOString().slice(0, 19)}Z` }
      : {}),
    properties: toProperties(properties),
  };
}

function readYaml(text: string, parseYaml: (text: string) => unknown): Readonly<Record<string, unknown>> {
  try {
    const document = parseYaml(text);
    if (isRecord(document)) return document;
  } catch (error) {
    throw new HostError('NotSupported', 'reading metadata.yaml: it is not YAML', { cause: error });
  }
  throw new HostError('NotSupported', 'reading metadata.yaml: it is not a mapping');
}

function toProperties(properties: unknown): Readonly<Record<string, string>> {
  if (!isRecord(properties)) return {};
  const texts = Object.entries(properties).flatMap(([key, value]) => {
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return isPlain ? [[key, String(value).slice(0, longestProperty)] as const] : [];
  });
  return Object.fromEntries(texts.slice(0, mostProperties));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
