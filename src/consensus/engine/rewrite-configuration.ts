import { runHelper } from './helper-command.ts';

export interface SoleVoter {
  readonly helperPath: string;
  readonly directory: string;
  readonly id: string;
}

const rewriteLimitMs = 60_000; // it reads the whole log

/** Makes the log of a database that does not run begin anew with one voter. The entries stay. */
export async function makeSoleVoter({ helperPath, directory, id }: SoleVoter): Promise<void> {
  const address = `member:${id}`;
  const place = ['--dir', directory, '--id', id, '--address', address];
  await runHelper({
    helperPath,
    args: ['recover', ...place, '--node', `${id},${address},0`],
    doing: `rewriting the Raft configuration in ${directory}`,
    limitMs: rewriteLimitMs,
  });
}
