/** Something that the person at the terminal can put right. The message is one sentence and says how. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}
