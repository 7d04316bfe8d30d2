import { getObject } from '../verbs/get-object.ts';
import { patchObject } from '../verbs/patch-object.ts';
import { updateObject } from '../verbs/update-object.ts';
import type { ObjectPart } from './object-part.ts';

/** What the controllers report; a write of it leaves everything else as it is. */
export const statusPart: ObjectPart = {
  name: 'status',
  verbs: ['get', 'patch', 'update'],
  isPartOf: ({ statusSubresource }) => statusSubresource,
  handle(deps, context) {
    switch (context.info.verb) {
      case 'patch':
        return patchObject(deps, context);
      case 'update':
        return updateObject(deps, context);
      default:
        return getObject(deps, context);
    }
  },
};
