import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { describeError } from '../src/base/describe-error.ts';
import { createClusterApi } from '../src/runtime/create-cluster-api.ts';
import { readKubeconfig } from '../src/runtime/kubeconfig.ts';
import { createDemoLab, linkManifests, provideImage, root } from './demo/demo-lab.ts';
import type { DemoTargets } from './demo/demo-state.ts';
import { kubeconfigPath, writeKubeconfig } from './demo/kubeconfig.ts';
import { showEvents } from './demo/show-events.ts';
import { formatSummary } from './demo/summary.ts';
import { waitUntilPrepared, waitUntilReady } from './demo/wait-until-ready.ts';
import type { Lab } from './lab/lab.ts';
import { readLogTail } from './lab/member-process.ts';
import { maxDemoMembers } from './lab/spec.ts';

const votersFromThreeMembersOn = 3;
const usage = `Usage: npm start -- [--members N] [--detach]
  --members N   how many members, 1 to ${maxDemoMembers} (3, or as many as there are)
  --detach      leave the cluster running; stop it with: npm run stop`;

function readOptions(): { readonly members: number | undefined; readonly detach: boolean } {
  const { values } = parseArgs({
    options: { members: { type: 'string' }, detach: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) throw new UsageError(usage);
  const members = values.members === undefined ? undefined : Number(values.members);
  if (members !== undefined && !(Number.isInteger(members) && members >= 1 && members <= maxDemoMembers)) {
    throw new UsageError(
      `--members has to be a number from 1 to ${maxDemoMembers}, not "${String(values.members)}"`,
    );
  }
  return { members, detach: values.detach ?? false };
}

class UsageError extends Error {}

function say(line: string): void {
  console.log(line);
}

/** More members than asked for are kept: leaving the cluster is a decision, not a side effect of a start. */
async function chooseMemberCount(lab: Lab, asked: number | undefined): Promise<number> {
  const existing = (await lab.listMembers()).length;
  if (asked !== undefined && existing > asked) {
    throw new UsageError(
      `the cluster in .muster/ has ${existing} members, and --members ${asked} would leave some behind; ` +
        `start it with --members ${existing}, or remove it with: npm run stop -- --purge`,
    );
  }
  return asked ?? Math.max(existing, 3);
}

async function countDemoInstances(): Promise<number> {
  const folder = path.join(root, 'manifests', 'demo');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return texts.join('\n').match(/^kind: Instance$/gm)?.length ?? 0;
}

function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

async function main(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new UsageError('network namespaces and containers need root: sudo npm start');
  const options = readOptions();
  const lab = createDemoLab();
  const count = await chooseMemberCount(lab, options.members);
  const interrupted = onInterrupt();

  say(`Starting ${count} member${count === 1 ? '' : 's'}, each in a network namespace of its own`);
  await lab.up(count, {
    report: (line) => say(`  ${line}`),
    prepare: (member) => provideImage(member.dataDirectory),
  });
  const members = await lab.listMembers();
  await writeKubeconfig(members);
  const clusterApi = createClusterApi(readKubeconfig(kubeconfigPath));
  try {
    const wanted: DemoTargets = {
      members: count,
      voters: count < votersFromThreeMembersOn ? 1 : votersFromThreeMembersOn,
      replicas: Math.min(count, 3),
      instances: await countDemoInstances(),
    };
    await Promise.race([waitUntilPrepared(clusterApi, count), rejectOn(interrupted)]);
    say('  every member has its storage pool and its network');
    await linkManifests();
    const state = await Promise.race([
      waitUntilReady(clusterApi, wanted, (line) => say(`  ${line}`)),
      rejectOn(interrupted),
    ]);
    say(`\n${formatSummary(state)}`);
    if (options.detach) {
      say('\nThe cluster goes on running. Stop it with: npm run stop');
      return;
    }
    await showEvents(clusterApi, interrupted);
  } catch (error) {
    if (!interrupted.aborted) {
      for (const member of members)
        say(`\nlast lines of ${member.logFile}:\n${await readLogTail(member, 5)}`);
      throw error;
    }
  } finally {
    await clusterApi.close();
  }
  say('\nStopping instances and members');
  await lab.down();
  say('Stopped. The data is in .muster/; "npm start" resumes, "npm run stop -- --purge" removes it.');
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')));
  });
}

try {
  await main();
} catch (error) {
  console.error(`start: ${describeError(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
