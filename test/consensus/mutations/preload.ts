/** Loaded before musterd by `node --import`: puts a mutation in place of one line of one module. */
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { mutationVariable, type Mutation } from './mutation.ts';
import { rewrite } from './rewrite.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const mutation = JSON.parse(process.env[mutationVariable] ?? 'null') as Mutation | null;

if (mutation !== null) {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const edits = mutation.edits.filter(({ file }) => pathToFileURL(path.join(root, file)).href === url);
      if (edits.length === 0) return loaded;
      const { source } = loaded;
      const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
      return { ...loaded, source: edits.reduce(rewrite, text) };
    },
  });
}
