import { createInterface, type Interface } from 'node:readline/promises';
import { readSecret } from '../../base/read-secret.ts';
import type { Asker, TextOptions } from './asker.ts';
import { UsageError } from '../usage-error.ts';

/** LXD's look: the default stands in the question, and a wrong answer is explained and asked for again. */
export function openTerminalAsker(): Asker & Disposable {
  const ended = new AbortController();
  const held: { terminal?: Interface | undefined } = {};

  function open(): Interface {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    held.terminal = terminal;
    // Without this, the end of a piped input would leave the question waiting for ever.
    terminal.once('close', () => {
      if (held.terminal === terminal) ended.abort(new UsageError('there was no answer; nothing was changed'));
    });
    return terminal;
  }

  /** Two readers of one terminal would take each other's keys, and this one shows them. */
  function close(): void {
    const { terminal } = held;
    held.terminal = undefined;
    terminal?.close();
  }

  async function ask(question: string): Promise<string> {
    try {
      const terminal = held.terminal ?? open();
      return (await terminal.question(question, { signal: ended.signal })).trim();
    } catch (error) {
      throw ended.signal.aborted ? (ended.signal.reason as Error) : error;
    }
  }

  async function text(question: string, { byDefault, check }: TextOptions = {}): Promise<string> {
    for (;;) {
      const hint = byDefault === undefined ? '' : ` [default=${byDefault}]`;
      const answer = (await ask(`${question}${hint}: `)) || (byDefault ?? '');
      const problem = answer === '' ? 'an answer is needed' : check?.(answer);
      if (problem === undefined) return answer;
      console.error(`That does not work: ${problem}`);
    }
  }

  return {
    text,
    async secret(question) {
      close();
      return readSecret(question);
    },
    async yesNo(question, byDefault) {
      const check = (answer: string): string | undefined =>
        /^(yes|y|no|n)$/i.test(answer) ? undefined : 'answer yes or no';
      const answer = await text(`${question} (yes/no)`, { byDefault: byDefault ? 'yes' : 'no', check });
      return answer.toLowerCase().startsWith('y');
    },
    tell: (line) => {
      console.error(line);
    },
    [Symbol.dispose]: close,
  };
}
