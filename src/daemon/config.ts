import { readFile } from 'node:fs/promises';
import type { DataDir } from './data-dir.ts';
import { OperatorError } from './operator-error.ts';
import { writeFileAtomically } from './write-file.ts';

/** What a member has to know about itself before it reaches anybody. Never changes by itself. */
export interface MemberConfig {
  readonly clusterId: string;
  /** The Raft node id. */
  readonly id: string;
  readonly name: string;
  /** `host:port` at which the others reach this member. */
  readonly address: string;
  /** Where to listen, when that differs from the address. */
  readonly listen?: string;
  /** Set by init, and taken away once the first start has founded the database. */
  readonly isNewCluster?: true;
}

/** Undefined when the directory holds no member. */
export async function readConfig({ config }: DataDir): Promise<MemberConfig | undefined> {
  let text: string;
  try {
    text = await readFile(config, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new OperatorError(`cannot read ${config}`, { cause: error });
  }
  return parseConfig(text, config);
}

export async function requireConfig(dataDir: DataDir): Promise<MemberConfig> {
  const config = await readConfig(dataDir);
  if (config !== undefined) return config;
  throw new OperatorError(
    `${dataDir.root} holds no member: create one with "musterd init" or "musterd join", or pass --data-dir`,
  );
}

export async function writeConfig({ config }: DataDir, memberConfig: MemberConfig): Promise<void> {
  await writeFileAtomically(config, `${JSON.stringify(memberConfig, undefined, 2)}\n`, 0o600);
}

function parseConfig(text: string, file: string): MemberConfig {
  try {
    const config = JSON.parse(text) as Partial<MemberConfig>; // checked field by field below
    const { clusterId, id, name, address, listen, isNewCluster } = config;
    if (clusterId === undefined || id === undefined || name === undefined || address === undefined) {
      throw new Error('clusterId, id, name and address are needed');
    }
    return {
      ...{ clusterId, id, name, address },
      ...(listen === undefined ? {} : { listen }),
      ...(isNewCluster === true ? { isNewCluster } : {}),
    };
  } catch (error) {
    throw new OperatorError(`${file} cannot be understood; restore it from a copy`, { cause: error });
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
