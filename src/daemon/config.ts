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
  /** Where clients are served besides, as init or join was told; taken away once the Member object says so. */
  readonly clientAddresses?: readonly string[];
  /** The address was edited while nothing ran; the Member object follows at the next start. */
  readonly isMoved?: true;
  /** How often the cluster was founded anew before this member joined it; 1 when it is not there. */
  readonly epoch?: number;
  /** Set by init, and taken away once the first start has founded the database. */
  readonly isNewCluster?: true;
  /** Written by hand where the defaults do not fit; the same on every member of a cluster. */
  readonly timing?: TimingConfig;
}

export interface TimingConfig {
  /**
   * What the network between members takes one way at the worst. A member that hears nothing from the leader
   * for 15 to 30 times as long stands for election: at 20, the default, writes pause for about 0.6 s.
   */
  readonly networkLatencyMs?: number;
  /** How long reads rely on the last Raft round (ADR 7). 0 on virtual machines that are paused or migrated. */
  readonly readLeaseMs?: number;
}

const timingLimits: Readonly<Record<keyof TimingConfig, readonly [number, number]>> = {
  networkLatencyMs: [5, 500],
  readLeaseMs: [0, 10_000],
};

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

export function parseConfig(text: string, file: string): MemberConfig {
  try {
    const config = JSON.parse(text) as Partial<MemberConfig>; // checked field by field below
    const { clusterId, id, name, address, listen, clientAddresses, isMoved, epoch, isNewCluster, timing } =
      config;
    if (clusterId === undefined || id === undefined || name === undefined || address === undefined) {
      throw new Error('clusterId, id, name and address are needed');
    }
    return {
      ...{ clusterId, id, name, address },
      ...(listen === undefined ? {} : { listen }),
      ...(clientAddresses === undefined ? {} : { clientAddresses }),
      ...(isMoved === true ? { isMoved } : {}),
      ...(epoch === undefined ? {} : { epoch }),
      ...(isNewCluster === true ? { isNewCluster } : {}),
      ...(timing === undefined ? {} : { timing: parseTiming(timing, file) }),
    };
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`${file} cannot be understood; restore it from a copy`, { cause: error });
  }
}

function parseTiming(timing: object, file: string): TimingConfig {
  for (const [name, value] of Object.entries(timing)) {
    const limits = Object.hasOwn(timingLimits, name) ? timingLimits[name as keyof TimingConfig] : undefined;
    if (limits === undefined) {
      const known = Object.keys(timingLimits).join(', ');
      throw new OperatorError(`${file}: timing.${name} is not known; known are ${known}`);
    }
    const [least, most] = limits;
    if (typeof value === 'number' && value >= least && value <= most) continue;
    throw new OperatorError(
      `${file}: timing.${name} has to be a number from ${least} to ${most}, not ${JSON.stringify(value)}`,
    );
  }
  return timing;
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
