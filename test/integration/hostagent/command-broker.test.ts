import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger } from '../../../src/base/logger.ts';
import { createCommandBroker, type CommandBroker } from '../../../src/hostagent/exec/command-broker.ts';
import { isHostError } from '../../../src/hostagent/exec/host-error.ts';

const signal = new AbortController().signal;
const sh = (script: string, more: object = {}) => ({ program: 'sh', args: ['-c', script], ...more });

function isAlive(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/\) [ZX] /.test(readFileSync(path, 'utf8'));
}

async function untilDead(pid: number): Promise<void> {
  for (let look = 0; look < 100 && isAlive(pid); look += 1) await delay(20);
  assert(!isAlive(pid), `process ${pid} still runs`);
}

describe('hostagent/exec/command-broker', () => {
  let broker: CommandBroker;
  const pidFile = join(tmpdir(), `muster-broker-${process.pid}`);
  const readPid = (): number => Number(readFileSync(pidFile, 'utf8'));

  before(() => {
    broker = createCommandBroker(silentLogger);
  });
  after(() => {
    broker.close();
    rmSync(pidFile, { force: true });
  });

  it('answers the output, and feeds text and files to the command', async () => {
    const text = { kind: 'text', text: 'zwölf\n' } as const;
    assert.equal(await broker.run({ program: 'cat', args: [], input: text }, signal), 'zwölf\n');
    const file = { kind: 'file', path: '/etc/hostname' } as const;
    assert.equal(
      await broker.run({ program: 'cat', args: [], input: file }, signal),
      readFileSync('/etc/hostname', 'utf8'),
    );
  });

  it('runs commands in the C locale and without our environment', async () => {
    const output = await broker.run({ program: 'env', args: [] }, signal);
    const names = output.split('\n').map((line) => line.split('=')[0]);
    assert.deepEqual(names.filter((name) => name !== '').toSorted(), ['HOME', 'LC_ALL', 'PATH']);
  });

  it('tells what a command that failed said', async () => {
    await assert.rejects(broker.run(sh('echo no such thing >&2; exit 3'), signal), (error) => {
      assert(isHostError(error, 'CommandFailed'));
      assert.deepEqual([error.failed?.exitCode, error.failed?.stderrTail], [3, 'no such thing\n']);
      return true;
    });
  });

  it('tells a missing program from a missing input', async () => {
    const missing = broker.run({ program: 'no-such-program', args: [] }, signal);
    await assert.rejects(missing, (error) => isHostError(error, 'NotFound'));
    const input = { kind: 'file', path: '/no/such/file' } as const;
    await assert.rejects(
      broker.run({ program: 'cat', args: [], input }, signal),
      /its input cannot be opened/,
    );
  });

  it('feeds and reads more than a pipe holds, for many commands at once', async () => {
    const text = 'x'.repeat(1024 * 1024);
    const input = { kind: 'text', text } as const;
    const outputs = await Promise.all(
      Array.from({ length: 8 }, () => broker.run({ program: 'cat', args: [], input }, signal)),
    );
    assert(outputs.every((output) => output === text));
  });

  it('never gives arguments to a shell', async () => {
    assert.equal(
      await broker.run({ program: 'echo', args: ['$(id)', ';', 'a  b'] }, signal),
      '$(id) ; a  b\n',
    );
  });

  it('kills the whole group at the time limit', async () => {
    const command = sh(`sleep 60 & echo $! >${pidFile}; wait`, { timeoutMs: 300 });
    await assert.rejects(broker.run(command, signal), (error) => isHostError(error, 'Timeout'));
    await untilDead(readPid());
  });

  it('kills a command that is not wanted any more', async () => {
    const aborter = new AbortController();
    const running = broker.run(sh(`echo $$ >${pidFile}; exec sleep 60`), aborter.signal);
    await delay(200);
    aborter.abort(new Error('enough'));
    await assert.rejects(running, /enough/);
    await untilDead(readPid());
  });

  it('stops a command that writes too much', async () => {
    const command = { program: 'yes', args: [], outputLimitBytes: 10_000 };
    await assert.rejects(broker.run(command, signal), /wrote more than 10000 bytes/);
  });

  it('leaves a daemon alone that a command started', async () => {
    await broker.run(sh(`setsid sh -c 'echo $$ >${pidFile}; exec sleep 60' & sleep 0.1`), signal);
    const pid = readPid();
    assert(isAlive(pid));
    process.kill(pid, 'SIGKILL');
  });

  it('starts a new broker when one was killed', async () => {
    const ppid = Number(await broker.run(sh('echo $PPID'), signal));
    const running = broker.run({ program: 'sleep', args: ['60'] }, signal);
    process.kill(ppid, 'SIGKILL');
    await assert.rejects(running, (error) => isHostError(error, 'CommandFailed'));
    assert.equal(await broker.run({ program: 'echo', args: ['again'] }, signal), 'again\n');
  });

  it('ends with its owner, and so does what it runs', async () => {
    const base = new URL('../../../src/', import.meta.url).href;
    const script = `
      const { createCommandBroker } = await import('${base}hostagent/exec/command-broker.ts');
      const { silentLogger } = await import('${base}base/logger.ts');
      const broker = createCommandBroker(silentLogger);
      const command = { program: 'sh', args: ['-c', 'echo $PPID $$ >${pidFile}; exec sleep 60'] };
      broker.run(command, new AbortController().signal);
      setInterval(() => undefined, 1000);
    `;
    rmSync(pidFile, { force: true });
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    for (let look = 0; look < 200 && !existsSync(pidFile); look += 1) await delay(20);
    await delay(50);
    const [brokerPid = 0, commandPid = 0] = readFileSync(pidFile, 'utf8').split(' ').map(Number);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await untilDead(brokerPid);
    await untilDead(commandPid);
  });
});
