import { updateObject } from '../verbs/update-object.ts';
import type { ObjectPart } from './object-part.ts';

/** The only way to change what a namespace waits for: emptying its spec.finalizers lets it go. */
export const finalizePart: ObjectPart = {
  name: 'finalize',
  verbs: ['update'],
  isPartOf: ({ builtIn, group, plural }) => builtIn && group === '' && plural === 'namespaces',
  handle: updateObject,
};
