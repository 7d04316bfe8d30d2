import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Starts one of our own files as a process, gives it its order, and waits for its one answer. */
export async function runChild<Answer>(file: URL, order: object, timeoutMs: number): Promise<Answer> {
  const child = fork(fileURLToPath(file), { stdio: 'inherit' });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      child.once('message', (answer: Answer) => resolve(answer));
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(new Error(`the process of ${file.href} ended with ${signal ?? `code ${code}`}`));
      });
      child.send(order);
    });
  } finally {
    clearTimeout(timer);
  }
}
