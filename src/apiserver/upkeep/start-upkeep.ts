import type { ServerDeps } from '../server-deps.ts';

export function startUpkeep(_deps: ServerDeps): () => void {
  return () => undefined;
}
