/** One call of a client, placed in time by the order in which the recorder saw its two ends. */
export interface Operation<Input, Output> {
  readonly key: string;
  readonly input: Input;
  /** Undefined when the outcome is not known: it may take effect at any time after the call, or never. */
  readonly output: Output | undefined;
  readonly calledAt: number;
  /** Infinite when the outcome is not known. */
  readonly returnedAt: number;
}

/** A sequential object: what each operation may answer in each state. */
export interface Model<State, Input, Output> {
  readonly initial: State;
  /** The state after the operation; undefined when it cannot have given this answer in `state`. */
  step(state: State, input: Input, output: Output | undefined): State | undefined;
  /** Two states are the same exactly when this text is. */
  describe(state: State): string;
}
