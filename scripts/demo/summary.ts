import { existsSync } from 'node:fs';
import path from 'node:path';

import { formatTable } from '../../src/base/format-table.ts';
import type { DemoState } from './demo-state.ts';
import { kubeconfigPath } from './kubeconfig.ts';
import { root } from './demo-lab.ts';

export function formatSummary(state: DemoState): string {
  const members = state.members.map(({ metadata, spec, status }) => [
    metadata.name,
    status?.state ?? 'Unknown',
    status?.roles?.join(',') ?? '',
    spec.address,
  ]);
  const instances = state.instances.map(({ metadata, status }) => [
    metadata.name,
    status?.state ?? 'Pending',
    status?.member ?? '',
    status?.addresses?.find(({ family }) => family === 'inet')?.address ?? '',
  ]);
  return [
    formatTable(['MEMBER', 'STATE', 'ROLES', 'ADDRESS'], members),
    '',
    formatTable(['INSTANCE', 'STATE', 'MEMBER', 'ADDRESS'], instances),
    '',
    `export KUBECONFIG=${path.relative(process.cwd(), kubeconfigPath)}`,
    '',
    'Then try:',
    ...commandsToTry().map((line) => `  ${line}`),
  ].join('\n');
}

function commandsToTry(): string[] {
  const kubectl = isOnPath('kubectl')
    ? 'kubectl'
    : path.relative(process.cwd(), path.join(root, 'build/bin/kubectl'));
  return [
    `${kubectl} get members,instances,images -o wide`,
    `${kubectl} explain instance.spec`,
    `${kubectl} patch instance hello --type merge -p '{"spec":{"running":false}}'`,
  ];
}

function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(path.join(folder, command)));
}
