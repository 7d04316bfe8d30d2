import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandRunner } from '../../exec/command.ts';
import { HostError, isHostError, systemCodeOf } from '../../exec/host-error.ts';
import type { InstanceAddress, NicSpec } from '../driver.ts';
import { parseAddresses, parseLxcFailure, parseLxcInfo, type LxcInfo } from './lxc-output.ts';

/** liblxc through its commands. */
export interface LxcTools {
  info(name: string, signal: AbortSignal): Promise<LxcInfo>;
  start(name: string, signal: AbortSignal): Promise<void>;
  requestStop(name: string, signal: AbortSignal): Promise<void>;
  kill(name: string, signal: AbortSignal): Promise<void>;
  removeLinks(nics: readonly NicSpec[], signal: AbortSignal): Promise<void>;
  readAddresses(pid: number, signal: AbortSignal): Promise<readonly InstanceAddress[]>;
}

const startTimeoutMs = 60_000;
const killTimeoutMs = 60_000;
const logFileName = 'lxc.log';

export function createLxcTools(commands: CommandRunner, lxcPath: string): LxcTools {
  const select = (name: string): readonly string[] => ['-P', lxcPath, '-n', name];

  return {
    async info(name, signal) {
      const args = [...select(name), '--state', '--pid'];
      return parseLxcInfo(await commands.run({ program: 'lxc-info', args }, signal));
    },

    async start(name, signal) {
      const log = join(lxcPath, name, logFileName);
      await keepOneOlder(log);
      const args = [...select(name), '--daemon', '--logfile', log, '--logpriority', 'WARN'];
      try {
        await commands.run({ program: 'lxc-start', args, timeoutMs: startTimeoutMs }, signal);
      } catch (error) {
        signal.throwIfAborted();
        throw await explainFailure(error, name, log);
      }
    },

    async requestStop(name, signal) {
      await commands.run({ program: 'lxc-stop', args: [...select(name), '--nowait'] }, signal);
    },

    async kill(name, signal) {
      const args = [...select(name), '--kill'];
      await commands.run({ program: 'lxc-stop', args, timeoutMs: killTimeoutMs }, signal);
    },

    async removeLinks(nics, signal) {
      if (nics.length === 0) return;
      const text = nics.map(({ hostName }) => `link delete dev ${hostName}\n`).join('');
      const args = ['-force', '-batch', '-'];
      await commands
        .run({ program: 'ip', args, input: { kind: 'text', text } }, signal)
        .catch((error: unknown) => {
          // Links that are not there are the normal case, and ip answers them with an exit code.
          if (!isHostError(error, 'CommandFailed')) throw error;
        });
    },

    async readAddresses(pid, signal) {
      const args = ['-t', `${pid}`, '-n', 'ip', '-j', 'addr', 'show'];
      return parseAddresses(await commands.run({ program: 'nsenter', args }, signal));
    },
  };
}

async function keepOneOlder(log: string): Promise<void> {
  try {
    await rename(log, `${log}.1`);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') await rm(log, { force: true });
  }
}

async function explainFailure(error: unknown, name: string, log: string): Promise<HostError> {
  const text = await readFile(log, 'utf8').catch(() => '');
  const reason = parseLxcFailure(text);
  const doing = `starting container ${name}${reason === undefined ? '' : `: ${reason}`}`;
  return new HostError(isHostError(error) ? error.code : 'CommandFailed', doing, { cause: error });
}
