import assert from 'node:assert/strict';
import {
  createAnswerReader,
  encodeRun,
  type BrokerAnswer,
  type CommandEnding,
} from '../../../../src/hostagent/exec/broker-protocol.ts';
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
  const answerFrame = (ending: number, value: number, stdout: string, stderr: string): Buffer => {
    const header = Buffer.alloc(17);
    header.writeUInt32LE(13 + stdout.length + stderr.length, 0);
    header.writeUInt32LE(7, 4);
    header.writeUInt8(ending, 8);
    header.writeInt32LE(value, 9);
    header.writeUInt32LE(stdout.length, 13);
    return Buffer.concat([header, Buffer.from(stdout + stderr)]);
  };

  it('puts answers together that come in pieces of any size', () => {
    const bytes = Buffer.concat([answerFrame(0, 3, 'out', 'err'), answerFrame(1, 11, '', '')]);
    const want: readonly BrokerAnswer[] = [
      { id: 7, ending: { kind: 'exited', exitCode: 3 }, stdout: 'out', stderrTail: 'err' },
      { id: 7, ending: { kind: 'signalled', signal: 'SIGSEGV' }, stdout: '', stderrTail: '' },
    ];
    for (let size = 1; size <= bytes.length; size += 1) {
      const answers: BrokerAnswer[] = [];
      const read = createAnswerReader((answer) => answers.push(answer));
      for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
      assert.deepEqual(answers, want, `in pieces of ${size}`);
    }
  });

  it('names the error of a program that could not be started', () => {
    const answers: BrokerAnswer[] = [];
    createAnswerReader((answer) => answers.push(answer))(answerFrame(5, 2, '', ''));
    const [ending] = answers.map((answer) => answer.ending);
    assert.deepEqual(ending, { kind: 'notStarted', code: 'ENOENT', message: 'no such file or directory' });
  });

  it('refuses an argument that would become two', () => {
    const evil = { program: 'echo', args: ['a\0b'], timeoutMs: 1, outputLimitBytes: 1 };
    assert.throws(() => encodeRun({ id: 1, command: evil }), /an argument of echo holds a NUL/);
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
