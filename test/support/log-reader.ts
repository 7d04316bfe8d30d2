import { readFile } from 'node:fs/promises';

import { describeError } from '../../src/base/describe-error.ts';

const longestTail = 40;
const longestLine = 400;

export interface LogReader {
  /** What is new since the last call, one short line for each entry; only the end of it when it is much. */
  read(file: string): Promise<string>;
}

export function createLogReader(): LogReader {
  const counts = new Map<string, number>();
  return {
    async read(file) {
      const text = await readFile(file, 'utf8').catch((error: unknown) => describeError(error));
      const lines = text.trimEnd().split('\n');
      const news = lines.slice(counts.get(file) ?? 0).slice(-longestTail);
      counts.set(file, lines.length);
      return news.length === 0 ? '(nothing new)' : news.map(formatEntry).join('\n');
    },
  };
}

function formatEntry(line: string): string {
  return parseEntry(line).slice(0, longestLine);
}

function parseEntry(line: string): string {
  try {
    const {
      time,
      level,
      msg,
      pid: _pid,
      hostname: _host,
      name: _name,
      err,
      ...rest
    } = JSON.parse(line) as Entry;
    const mark = level >= 40 ? '!' : ' ';
    const fields = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    const problem = err?.message === undefined ? [] : [`err=${err.message.replaceAll('\n', ' ')}`];
    return [mark, new Date(time).toISOString().slice(11, 23), msg, ...fields, ...problem].join(' ');
  } catch {
    // What a crash printed is no entry.
    return line;
  }
}

interface Entry extends Readonly<Record<string, unknown>> {
  readonly time: number;
  readonly level: number;
  readonly msg: string;
  readonly err?: { readonly message?: string };
}
