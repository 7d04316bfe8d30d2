import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BenchCluster } from '../kit/bench-cluster.ts';
import { medianOf } from '../kit/latencies.ts';
import { leaderTarget } from './measure-calls.ts';

const run = promisify(execFile);
const kubectl = path.join(import.meta.dirname, '../../../build/bin/kubectl');

export interface KubectlFigures {
  readonly command: string;
  /** What the cluster holds, or has been through. */
  readonly when: string;
  /** What it has to be; empty where nobody has said. */
  readonly wanted: string;
  readonly medianMs: number;
  readonly lines: number;
}

/** As a person waits for it: start of the program, discovery from its cache, all pages, the table. */
export async function measureKubectl(
  muster: BenchCluster,
  command: string,
  rounds: number,
): Promise<Omit<KubectlFigures, 'wanted' | 'when'>> {
  const { url, serverName } = await leaderTarget(muster);
  const kubeconfig = path.join(muster.lab.member(1).dataDirectory, 'admin.kubeconfig');
  const place = ['--kubeconfig', kubeconfig, '--server', url, '--tls-server-name', serverName];
  const timesMs: number[] = [];
  let lines = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const startedMs = performance.now();
    const options = { maxBuffer: 256 * 1024 * 1024, timeout: 60_000 };
    const { stdout } = await run(kubectl, [...place, ...command.split(' ')], options);
    // The first run fills the cache of discovery.
    if (round > 0) timesMs.push(performance.now() - startedMs);
    lines = stdout.trimEnd().split('\n').length;
  }
  return { command: `kubectl ${command}`, medianMs: medianOf(timesMs), lines };
}
