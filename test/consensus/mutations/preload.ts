/** Loaded before musterd by `node --import`: puts a mutation in place of one line of one module. */
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { mutationVariable, type Mutation } from './mutation.ts';
import { rewrite } from './rewrite.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const mutation = JSON.parse(process.env[mutationVariable] ?? 'null') as Mutation | null;

if (mutation !== null) {
  const target = pathToFileURL(path.join(root, mutation.file)).href;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (url !== target) return loaded;
      const { source } = loaded;
      const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
      return { ...loaded, source: rewrite(text, mutation) };
    },
  });
}
