import type { Command } from 'commander';
import { flagsOf } from './flags.ts';

export function addKubeconfigCommands(program: Command): void {
  program
    .command('kubeconfig')
    .description('the file that says where the cluster is')
    .command('refresh')
    .description('write into the kubeconfig where every member is reached now')
    .action(async (_flags: unknown, command: Command) => {
      const { refreshKubeconfig } = await import('../commands/kubeconfig-refresh.ts');
      await refreshKubeconfig(flagsOf(command));
    });
}
