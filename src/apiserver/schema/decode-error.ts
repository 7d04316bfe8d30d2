/** A body that is no JSON or YAML that the API takes; the API answers 400 with the message. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** No real object comes near; recursive code downstream stays far from the end of the stack. */
export const maxDepth = 1000;
