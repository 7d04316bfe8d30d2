export interface Edit {
  readonly file: string;
  /** Stands exactly once in the file, or the members refuse to start. */
  readonly find: string;
  readonly replacement: string;
}

/** One promise of the store, broken on purpose in the code that members load. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Faults under which it shows, by name; none when it shows without. */
  readonly faults: readonly string[];
  /** Checks of which at least one has to find it. */
  readonly checks: readonly string[];
}

/*
 * The condition on the term in each statement of the log is not here: dqlite closes the databases of its connections when
 * it loses leadership, so a deposed sequencer fails before its statement is looked at (see the fault
 * "asleep-through-terms", which makes exactly that happen). Two fences in a row cannot be told apart from outside: see
 * `secondLines`.
 */
export const mutations: readonly Mutation[] = [
  {
    name: 'compare-and-set compares nothing',
    edits: [
      {
        file: 'src/consensus/store/leading/decide.ts',
        find: "if (held !== revision) return { result: { kind: 'conflict', key, revision: held } };",
        replacement: '',
      },
    ],
    faults: [],
    checks: ['linearizable', 'previous'],
  },
  {
    name: 'the read barrier waits for nothing',
    edits: [
      {
        file: 'src/consensus/store/replicated-store.ts',
        find: 'await this.#state.waitForRevision(await target.readPoint(signal), signal);',
        replacement: '',
      },
    ],
    faults: ['partition'],
    checks: ['linearizable', 'real time'],
  },
  {
    name: 'a write may carry any term',
    edits: [
      {
        file: 'src/consensus/store/leading/sequencer.ts',
        find: 'if (transaction.term !== undefined && transaction.term !== this.term) {',
        replacement: 'if (false) {',
      },
    ],
    faults: [],
    checks: ['fenced'],
  },
  {
    name: 'writes are acknowledged before they are in the log',
    edits: [
      {
        file: 'src/consensus/store/leading/sequencer.ts',
        find: 'if (writes.length > 0) await this.#options.log.append(writes);',
        replacement: 'if (writes.length > 0) void this.#options.log.append(writes).catch(() => undefined);',
      },
    ],
    faults: ['leader-alone', 'kill-all'],
    checks: ['lost', 'linearizable', 'real time', 'agreed'],
  },
  {
    name: 'a lost answer counts as a write that was not sent',
    edits: [
      {
        file: 'src/consensus/store/leading/sequencer.ts',
        find: "const unknown = new ConsensusError('Unknown', `committing in term ${this.term}`, { cause });",
        replacement: "const unknown = new ConsensusError('NoQuorum', 'committing', { cause });",
      },
    ],
    faults: ['leader-alone', 'transfer', 'kill-database', 'leader-alone', 'kill-database', 'leader-alone'],
    checks: ['refused', 'linearizable', 'once'],
  },
  {
    name: 'a watch that resumes leaves out one change',
    edits: [
      {
        file: 'src/consensus/store/state/watch-registry.ts',
        find: 'if (at <= watcher.fromRevision) continue;',
        replacement: 'if (at <= watcher.fromRevision + 1) continue;',
      },
    ],
    faults: ['kill'],
    checks: ['reliable', 'resumable', 'covered'],
  },
  {
    name: 'a bookmark is ahead of the changes',
    edits: [
      {
        file: 'src/apiserver/verbs/watch-stream.ts',
        find: 'this.#push(() => this.#options.encoder.bookmark(revision, isInitialEnd));',
        replacement: 'this.#push(() => this.#options.encoder.bookmark(revision + 2, isInitialEnd));',
      },
    ],
    faults: ['kill'],
    checks: ['bookmarkable', 'reliable', 'resumable'],
  },
];

/** What no client can find, because another line holds: a test that looks at this one alone has to. */
export interface SecondLine extends Pick<Mutation, 'edits' | 'name'> {
  readonly test: { readonly file: string; readonly title: string };
}

export const secondLines: readonly SecondLine[] = [
  {
    name: 'a statement of the log is executed in any term',
    edits: [
      {
        file: 'src/consensus/store/leading/log-table.ts',
        find: "return `(SELECT value FROM meta WHERE name = 'term') = ${this.term}`;",
        replacement: "return '1 = 1';",
      },
    ],
    test: {
      file: 'test/unit/consensus/store/leading/take-over.test.ts',
      title: 'shuts out the former term',
    },
  },
];

/** Whether one of the checks that have to find it did. */
export function isFound({ checks }: Mutation, found: ReadonlySet<string>): boolean {
  return checks.some((check) => found.has(check));
}

/** For the members' environment. */
export const mutationVariable = 'MUSTER_TEST_MUTATION';
