import type { Command } from 'commander';

/** What may come next on a command line. */
export interface Candidates {
  /** Subcommands or flags, with what they do. */
  readonly words: readonly { readonly word: string; readonly help: string }[];
  /** The argument that the command expects here, if any: "member", "group", …. */
  readonly argument?: string;
}

/** `words` are those after the program's name; the last one is being typed, and may be empty. */
export function findCandidates(program: Command, words: readonly string[]): Candidates {
  const current = words.at(-1) ?? '';
  const { command, positional } = descend(program, words.slice(0, -1));
  if (current.startsWith('-')) {
    const flags = [...command.options, ...program.options].filter(({ long }) => long?.startsWith(current));
    return { words: flags.map(({ long, description }) => ({ word: long ?? '', help: description })) };
  }
  const subcommands = command.commands
    .filter((sub) => sub.name().startsWith(current) && !sub.name().startsWith('_'))
    .map((sub) => ({ word: sub.name(), help: sub.description() }));
  if (command.commands.length > 0) return { words: subcommands };
  const argument = command.registeredArguments[positional]?.name();
  return argument === undefined ? { words: [] } : { words: [], argument };
}

function descend(program: Command, words: readonly string[]): { command: Command; positional: number } {
  const state = { command: program, positional: 0, skipNext: false };
  for (const word of words) {
    if (state.skipNext) state.skipNext = false;
    else if (word.startsWith('-'))
      state.skipNext = takesValue([...state.command.options, ...program.options], word);
    else {
      const sub = state.command.commands.find((one) => one.name() === word || one.aliases().includes(word));
      if (sub === undefined) state.positional += 1;
      else state.command = sub;
    }
  }
  return state;
}

function takesValue(options: Command['options'], word: string): boolean {
  return options.some((option) => (option.long === word || option.short === word) && option.required);
}
