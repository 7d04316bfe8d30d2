import type { ActiveFault, Fault, FaultContext } from './fault.ts';
import { clockJump, diskFull, diskSlow } from './host-faults.ts';
import { membership } from './membership-fault.ts';
import { bridge, isolateLeader, lossy, oneWay, partition } from './network-faults.ts';
import { kill, killAll, killDatabase, pause, transfer } from './process-faults.ts';
import { asleepThroughTerms, stall } from './stall-faults.ts';

/** Two at once: what heals first is left to chance. */
function combine(name: string, first: Fault, second: Fault): Fault {
  return {
    name,
    durationMs: second.durationMs,
    async inject(context: FaultContext): Promise<ActiveFault> {
      const one = await first.inject(context);
      try {
        const other = await second.inject(context);
        return {
          what: `${one.what}; ${other.what}`,
          async heal() {
            for (const active of context.random.shuffle([one, other])) await active.heal();
          },
        };
      } catch (error) {
        await one.heal();
        throw error;
      }
    },
  };
}

/** Every kind of fault; a long run has each of them before any comes again. */
export const catalog: readonly Fault[] = [
  kill,
  pause,
  isolateLeader,
  transfer,
  oneWay,
  diskFull,
  partition,
  killDatabase,
  diskSlow,
  clockJump,
  bridge,
  membership,
  lossy,
  stall,
  killAll,
  asleepThroughTerms,
  combine('pause + partition', pause, partition),
  combine('leader-alone + kill', isolateLeader, kill),
  combine('disk-slow + transfer', diskSlow, transfer),
  combine('clock-jump + pause', clockJump, pause),
  combine('packet-loss + kill', lossy, kill),
];

export function findFault(name: string): Fault {
  const fault = catalog.find((one) => one.name === name);
  if (fault !== undefined) return fault;
  throw new Error(`there is no fault "${name}"; there are: ${catalog.map((one) => one.name).join(', ')}`);
}
