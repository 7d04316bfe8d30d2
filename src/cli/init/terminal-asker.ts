import { createInterface } from 'node:readline/promises';
import type { Asker, TextOptions } from './asker.ts';
import { UsageError } from '../usage-error.ts';

/** LXD's look: the default stands in the question, and a wrong answer is explained and asked for again. */
export function openTerminalAsker(): Asker & Disposable {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  // Without this, the end of a piped input would leave the question waiting for ever.
  terminal.once('close', () => {
    ended.abort(new UsageError('there was no answer; nothing was changed'));
  });

  async function ask(question: string): Promise<string> {
    try {
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
    async yesNo(question, byDefault) {
      const check = (answer: string): string | undefined =>
        /^(yes|y|no|n)$/i.test(answer) ? undefined : 'answer yes or no';
      const answer = await text(`${question} (yes/no)`, { byDefault: byDefault ? 'yes' : 'no', check });
      return answer.toLowerCase().startsWith('y');
    },
    tell: (line) => {
      console.error(line);
    },
    [Symbol.dispose]: () => {
      terminal.close();
    },
  };
}
