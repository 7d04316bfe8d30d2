import { onHostOf } from '../../../scripts/lab/member-process.ts';
import { runCommand, tryCommand } from '../../../scripts/lab/run-command.ts';
import type { LabMember } from '../../../scripts/lab/spec.ts';

/** What a member does not get from another one. */
export interface Block {
  readonly at: LabMember;
  readonly from: LabMember;
  /** Of a hundred packets, how many are lost; all of them unless said. */
  readonly percent?: number;
}

// The host agent has tables of its own in there, which are left alone.
const prefix = 'fault_';

/**
 * Loses packets between members, each in its own network namespace. Clients come from outside and reach every member all
 * the time: what a member that is cut off tells its clients is what has to be right. The answer undoes it.
 */
export async function block(blocks: readonly Block[], name: string): Promise<() => Promise<void>> {
  const table = `${prefix}${name.replaceAll(/\W/g, '_')}`;
  const byMember = Map.groupBy(blocks, ({ at }) => at);
  for (const [member, some] of byMember) {
    const rules = some.map(({ from, percent = 100 }) => {
      const chance = percent < 100 ? `numgen random mod 100 < ${percent} ` : '';
      return `ip saddr ${from.ipAddress} ${chance}drop`;
    });
    const chain = ['type filter hook input priority -300; policy accept;', ...rules].join('\n');
    await nft(member, `table ip ${table} {\nchain input {\n${chain}\n}\n}\n`);
  }
  return async () => {
    for (const member of byMember.keys()) {
      const [command, ...args] = onHostOf(member, ['nft', 'delete', 'table', 'ip', table]);
      await tryCommand(command, args);
    }
  };
}

async function nft(member: LabMember, input: string): Promise<void> {
  const [command, ...args] = onHostOf(member, ['nft', '-f', '-']);
  await runCommand(command, args, { input });
}
