/** Asks a person; the answers of tests come from a script. */
export interface Asker {
  /** Asks again until `check` finds nothing wrong; an empty answer means the default. */
  text(question: string, options?: TextOptions): Promise<string>;
  /** What is typed is not shown. */
  secret(question: string): Promise<string>;
  yesNo(question: string, byDefault: boolean): Promise<boolean>;
  /** One line that is no question. */
  tell(line: string): void;
}

export interface TextOptions {
  readonly byDefault?: string;
  /** What is wrong with the answer, and what would be right; undefined when it will do. */
  readonly check?: (answer: string) => string | undefined;
}
