import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import type { Command, CommandInput } from './command.ts';

/** What `native/muster-exec.c` describes: frames of a length and as many bytes, little-endian. */
export interface RunRequest {
  readonly id: number;
  readonly command: Command & Required<Pick<Command, 'outputLimitBytes' | 'timeoutMs'>>;
}

export interface BrokerAnswer {
  readonly id: number;
  readonly ending: CommandEnding;
  readonly stdout: string;
  readonly stderrTail: string;
}

export type CommandEnding =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timedOut' }
  | { readonly kind: 'tooMuchOutput' }
  | { readonly kind: 'killed' }
  | { readonly kind: 'notStarted'; readonly code: string; readonly message: string }
  | { readonly kind: 'noInput'; readonly message: string };

const lengthBytes = 4;
const runHeaderBytes = 18;
const answerHeaderBytes = 13;
const inputKinds = { none: 0, text: 1, file: 2 } as const;

export function encodeRun({ id, command }: RunRequest): Buffer {
  const { program, args, input, timeoutMs, outputLimitBytes } = command;
  const words = [program, ...args];
  // In a list of strings with a NUL at the end of each it would begin another argument.
  if (words.some((word) => word.includes('\0'))) throw new Error(`an argument of ${program} holds a NUL`);
  const fed = inputBytes(input);
  const header = Buffer.alloc(lengthBytes + runHeaderBytes);
  const tail = Buffer.from(words.map((word) => `${word}\0`).join(''));
  header.writeUInt32LE(runHeaderBytes + fed.length + tail.length, 0);
  header.write('r', 4, 'latin1');
  header.writeUInt32LE(id, 5);
  header.writeUInt32LE(timeoutMs, 9);
  header.writeUInt32LE(outputLimitBytes, 13);
  header.writeUInt8(inputKinds[input?.kind ?? 'none'], 17);
  header.writeUInt32LE(fed.length, 18);
  return Buffer.concat([header, fed, tail]);
}

function inputBytes(input: CommandInput | undefined): Buffer {
  if (input === undefined) return Buffer.alloc(0);
  return Buffer.from(input.kind === 'text' ? input.text : input.path);
}

export function encodeKill(id: number): Buffer {
  const frame = Buffer.alloc(9);
  frame.writeUInt32LE(5, 0);
  frame.write('k', 4, 'latin1');
  frame.writeUInt32LE(id, 5);
  return frame;
}

/** Cuts a byte stream into answers; keeps an unfinished one for the next chunk. */
export function createAnswerReader(onAnswer: (answer: BrokerAnswer) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let wanted = lengthBytes;
  return (chunk) => {
    chunks.push(chunk);
    bytes += chunk.length;
    // Joined only when something is whole: a large output comes in many pieces.
    if (bytes < wanted) return;
    let rest = Buffer.concat(chunks);
    for (wanted = frameLength(rest); rest.length >= wanted; wanted = frameLength(rest)) {
      onAnswer(decodeAnswer(rest.subarray(lengthBytes, wanted)));
      rest = rest.subarray(wanted);
    }
    chunks = [rest];
    bytes = rest.length;
  };
}

function frameLength(bytes: Buffer): number {
  return lengthBytes + (bytes.length < lengthBytes ? 0 : bytes.readUInt32LE(0));
}

function decodeAnswer(frame: Buffer): BrokerAnswer {
  const stderrStart = answerHeaderBytes + frame.readUInt32LE(9);
  return {
    id: frame.readUInt32LE(0),
    ending: decodeEnding(frame.readUInt8(4), frame.readInt32LE(5)),
    stdout: frame.toString('utf8', answerHeaderBytes, stderrStart),
    stderrTail: frame.toString('utf8', stderrStart),
  };
}

function decodeEnding(ending: number, value: number): CommandEnding {
  switch (ending) {
    case 0:
      return { kind: 'exited', exitCode: value };
    case 1:
      return { kind: 'signalled', signal: nameOfSignal(value) };
    case 2:
      return { kind: 'timedOut' };
    case 3:
      return { kind: 'tooMuchOutput' };
    case 4:
      return { kind: 'killed' };
    case 5: {
      const [code, message] = describeErrno(value);
      return { kind: 'notStarted', code, message };
    }
    case 6:
      return { kind: 'noInput', message: describeErrno(value)[1] };
    default:
      throw new Error(`the command broker answered with the unknown ending ${ending}`);
  }
}

function nameOfSignal(number: number): string {
  const known = Object.entries(constants.signals).find(([, value]) => value === number);
  return known?.[0] ?? `signal ${number}`;
}

function describeErrno(errno: number): readonly [code: string, message: string] {
  return getSystemErrorMap().get(-errno) ?? ['UNKNOWN', `error ${errno}`];
}
