import assert from 'node:assert/strict';
import { Command } from 'commander';
import { findCandidates } from '../../../src/cli/completion/candidates.ts';

function buildProgram(): Command {
  const program = new Command('muster').option('--kubeconfig <file>', 'the cluster');
  const cluster = program.command('cluster').description('the members');
  cluster.command('list').alias('ls').option('-o, --output <form>', 'form');
  cluster.command('remove <member>').option('--force', 'in any case');
  program.command('__complete', { hidden: true });
  return program;
}

describe('cli/completion/candidates', () => {
  const table: readonly { typed: readonly string[]; words?: readonly string[]; argument?: string }[] = [
    { typed: [''], words: ['cluster'] },
    { typed: ['clu'], words: ['cluster'] },
    { typed: ['cluster', ''], words: ['list', 'remove'] },
    { typed: ['cluster', 're'], words: ['remove'] },
    { typed: ['cluster', 'remove', ''], argument: 'member' },
    { typed: ['cluster', 'remove', '--force', 'n'], argument: 'member' },
    { typed: ['--kubeconfig', 'cluster', 'cluster', 'remove', ''], argument: 'member' },
    { typed: ['cluster', 'remove', 'n1', ''] },
    { typed: ['cluster', 'ls', '--o'], words: ['--output'] },
    { typed: ['cluster', 'remove', '-'], words: ['--force', '--kubeconfig'] },
    { typed: ['nonsense', ''], words: ['cluster'] },
  ];
  for (const { typed, words = [], argument } of table) {
    it(`"${typed.join(' ')}" -> ${words.join(' ') || (argument ?? 'nothing')}`, () => {
      const found = findCandidates(buildProgram(), typed);
      assert.deepEqual(
        found.words.map(({ word }) => word),
        words,
      );
      assert.equal(found.argument, argument);
    });
  }
});
