import { text } from 'node:stream/consumers';

const interrupt = '\u0003';
const endOfInput = '\u0004';
const erase = new Set(['\u007F', '\b']);

/** Reads a secret from standard input: one that is typed is not shown, one that is piped ends with its last line. */
export async function readSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return (await text(stdin)).replace(/\r?\n$/, '');
  // Before the question: whoever sees that may answer at once.
  stdin.setRawMode(true);
  stderr.write(`${question}: `);
  stdin.setEncoding('utf8');
  try {
    return await readTyped();
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

function readTyped(): Promise<string> {
  const { stdin } = process;
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (settle: () => void): void => {
      stdin.off('data', take);
      settle();
    };
    const take = (chunk: string): void => {
      for (const key of chunk) {
        if (key === interrupt) end(() => reject(new Error('interrupted')));
        else if (key === '\r' || key === '\n' || key === endOfInput) end(() => resolve(typed));
        else if (erase.has(key)) typed = typed.slice(0, -1);
        else typed += key;
      }
    };
    stdin.on('data', take);
    stdin.resume();
  });
}
