// The broker process: starts commands for musterd, so that musterd, which is big, never has to fork. It ends,
// with every command that still runs, when its standard input does: that is when musterd is gone.
import { systemClock } from '../../base/clock.ts';
import { createLineSplitter, type BrokerAnswer, type BrokerRequest } from './broker-protocol.ts';
import { runProcess, type RunningProcess } from './run-process.ts';

const running = new Map<number, RunningProcess>();

const answer = (message: BrokerAnswer): void => {
  running.delete(message.id);
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

const split = createLineSplitter((line) => {
  const request = JSON.parse(line) as BrokerRequest; // the other end is our own code
  if (request.kind === 'kill') running.get(request.id)?.kill({ kind: 'killed' });
  else
    running.set(
      request.id,
      runProcess(request, (ms, callback) => systemClock.after(ms, callback), answer),
    );
});

const end = (): void => {
  for (const command of running.values()) command.kill({ kind: 'killed' });
  process.exit(0);
};

process.stdin.setEncoding('utf8').on('data', split).on('end', end).on('error', end);
process.stdout.on('error', end);
