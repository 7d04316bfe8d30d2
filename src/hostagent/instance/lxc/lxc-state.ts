import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '../../exec/host-error.ts';
import type { ProcessIdentity } from '../../exec/process-identity.ts';
import { writeFileAtomic } from '../../exec/write-file-atomic.ts';
import type { InstanceSpec } from '../driver.ts';

/** What we know of a container beside what liblxc knows. Written before and after each change of its run state. */
export interface LxcState {
  readonly spec: InstanceSpec;
  /** Set before liblxc is asked to start: without `init`, it tells that liblxc has to be asked again. */
  readonly start?: LxcStart;
  /** The container's first process while it runs. */
  readonly init?: ProcessIdentity;
  readonly stopRequestedAtMs?: number;
}

export interface LxcStart {
  readonly atMs: number;
  readonly bootId: string;
  /** The definition that it was started with. */
  readonly spec: InstanceSpec;
  /** True until the end of this start has been seen. */
  readonly isOpen: boolean;
}

const fileName = 'state.json';

/** Undefined when the directory was made but never got its state: a start of ours was cut off. */
export async function readLxcState(directory: string): Promise<LxcState | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, fileName), 'utf8')) as LxcState; // written below
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function writeLxcState(directory: string, state: LxcState): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFileAtomic(join(directory, fileName), JSON.stringify(state));
}
