/** Progress for the person at the terminal: on standard error, because standard output carries results. */
export function tell(progress: string): void {
  console.error(`musterd: ${progress}`);
}
