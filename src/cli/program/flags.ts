import { type Command, Option } from 'commander';
import type { OutputForm } from '../output.ts';

export interface GlobalFlags {
  readonly kubeconfig?: string;
}

export interface OutputFlags extends GlobalFlags {
  readonly output: OutputForm;
}

export function outputOption(byDefault: OutputForm = 'table'): Option {
  return new Option('-o, --output <form>', 'form of the answer')
    .choices(['table', 'json', 'yaml'])
    .default(byDefault);
}

/** The flags of a command, with those of the program; commander hands the command over as the last argument. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the command's declaration says what its flags are
export function flagsOf<T extends GlobalFlags = GlobalFlags>(command: Command): T {
  return command.optsWithGlobals<T>();
}
