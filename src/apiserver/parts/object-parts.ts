import type { ServedKind } from '../schema/served-kind.ts';
import { certificatePart } from './certificate-part.ts';
import { finalizePart } from './finalize-part.ts';
import type { ObjectPart } from './object-part.ts';
import { scalePart } from './scale-part.ts';
import { statusPart } from './status-part.ts';
import { tokenPart } from './token-part.ts';

const objectParts: readonly ObjectPart[] = [statusPart, scalePart, finalizePart, tokenPart, certificatePart];

export function partsOf(kind: ServedKind): readonly ObjectPart[] {
  return objectParts.filter((part) => part.isPartOf(kind));
}

/** Whether it is served like the object itself, in one short answer. */
export function isObjectPart(name: string): boolean {
  return objectParts.some((part) => part.name === name);
}
