import assert from 'node:assert/strict';
import { createLineSplitter, type CommandEnding } from '../../../../src/hostagent/exec/broker-protocol.ts';
import { describeCommand } from '../../../../src/hostagent/exec/command.ts';
import { toCommandError } from '../../../../src/hostagent/exec/command-error.ts';
import { withRevert } from '../../../../src/hostagent/exec/revert.ts';

const command = { program: 'ip', args: ['link', 'show', 'a b'], timeoutMs: 500 };

describe('hostagent/exec/command-error', () => {
  const cases: readonly {
    readonly name: string;
    readonly ending: CommandEnding;
    readonly stderr?: string;
    readonly want: string | undefined;
  }[] = [
    { name: 'is none after success', ending: { kind: 'exited', exitCode: 0 }, want: undefined },
    {
      name: 'carries what the command said',
      ending: { kind: 'exited', exitCode: 2 },
      stderr: 'no such device\n',
      want: '[CommandFailed] running ip failed with exit code 2: no such device',
    },
    {
      name: 'knows a time limit',
      ending: { kind: 'timedOut' },
      want: '[Timeout] running ip took longer than 500 ms',
    },
    {
      name: 'knows a full disk',
      ending: { kind: 'exited', exitCode: 1 },
      stderr: 'write: No space left on device',
      want: '[NoSpace] running ip failed with exit code 1: write: No space left on device',
    },
    {
      name: 'knows a program that is missing',
      ending: { kind: 'notStarted', code: 'ENOENT', message: 'spawn ip ENOENT' },
      want: '[NotFound] running ip could not start: is it installed?',
    },
    {
      name: 'knows a signal',
      ending: { kind: 'signalled', signal: 'SIGSEGV' },
      want: '[CommandFailed] running ip was ended by SIGSEGV',
    },
  ];
  for (const { name, ending, stderr = '', want } of cases) {
    it(name, () => {
      assert.equal(toCommandError(command, ending, stderr)?.message, want);
    });
  }

  it('shows the command as it could be typed', () => {
    assert.equal(describeCommand(command), "ip link show 'a b'");
  });
});

describe('hostagent/exec/broker-protocol', () => {
  it('puts lines together that come in pieces', () => {
    const lines: string[] = [];
    const split = createLineSplitter((line) => lines.push(line));
    for (const chunk of ['{"a"', ':1}\n{"b":', '2}\n', '{"c"']) split(chunk);
    assert.deepEqual(lines, ['{"a":1}', '{"b":2}']);
  });
});

describe('hostagent/exec/revert', () => {
  const runWith = async (fails: boolean): Promise<readonly string[]> => {
    const done: string[] = [];
    await withRevert((revert) => {
      revert.add(() => Promise.reject(new Error('an undo that fails')));
      for (const step of ['one', 'two']) {
        revert.add(() => Promise.resolve(void done.push(step)));
      }
      return fails ? Promise.reject(new Error('work')) : Promise.resolve();
    }).catch((error: unknown) => done.push(String(error)));
    return done;
  };

  it('undoes in reverse and throws the first failure', async () => {
    assert.deepEqual(await runWith(true), ['two', 'one', 'Error: work']);
  });

  it('undoes nothing after success', async () => {
    assert.deepEqual(await runWith(false), []);
  });
});
