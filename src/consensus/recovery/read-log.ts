import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RaftNode } from '../engine/database.ts';
import { readEntries } from './check-segment.ts';
import { decodeConfiguration } from './read-configuration.ts';

export interface LogSummary {
  /** As this member last heard of it; the newest change may not have reached it. */
  readonly configuration: readonly RaftNode[];
  readonly lastTerm: number;
  readonly lastIndex: number;
}

const closedName = /^(?<first>\d{16})-\d{16}$/;
const openName = /^open-(?<count>\d+)$/;
const metaName = /^snapshot-(?<term>\d+)-(?<index>\d+)-\d+\.meta$/;
const configurationType = 3;
const metaHeaderBytes = 32;

/** What a database that does not run holds, read from its files; the files must be sound. */
export async function readLogSummary(directory: string): Promise<LogSummary> {
  const names = await readdir(directory);
  let summary = await readSnapshot(directory, names);
  for (const { name, first } of listSegments(names)) {
    let index = first ?? summary.lastIndex + 1;
    for (const { term, type, content } of readEntries(await readFile(join(directory, name)))) {
      // Entries from before the snapshot are kept for followers; they say nothing new.
      if (index > summary.lastIndex) {
        const changed = type === configurationType ? decodeConfiguration(content) : undefined;
        summary = { configuration: changed ?? summary.configuration, lastTerm: term, lastIndex: index };
      }
      index += 1;
    }
  }
  return summary;
}

async function readSnapshot(directory: string, names: readonly string[]): Promise<LogSummary> {
  const found = names.flatMap((name) => {
    const groups = metaName.exec(name)?.groups;
    return groups === undefined
      ? []
      : [{ name, term: Number(groups['term']), index: Number(groups['index']) }];
  });
  const newest = found.toSorted((a, b) => b.index - a.index)[0];
  if (newest === undefined) return { configuration: [], lastTerm: 0, lastIndex: 0 };
  const content = await readFile(join(directory, newest.name));
  const configuration = decodeConfiguration(content.subarray(metaHeaderBytes)) ?? [];
  return { configuration, lastTerm: newest.term, lastIndex: newest.index };
}

/** Closed ones in their order, then the open ones, which go on where those end. */
function listSegments(
  names: readonly string[],
): readonly { readonly name: string; readonly first?: number }[] {
  const closed = names.flatMap((name) => {
    const first = closedName.exec(name)?.groups?.['first'];
    return first === undefined ? [] : [{ name, first: Number(first) }];
  });
  const opened = names.flatMap((name) => {
    const count = openName.exec(name)?.groups?.['count'];
    return count === undefined ? [] : [{ name, count: Number(count) }];
  });
  return [
    ...closed.toSorted((a, b) => a.first - b.first),
    ...opened.toSorted((a, b) => a.count - b.count).map(({ name }) => ({ name })),
  ];
}
