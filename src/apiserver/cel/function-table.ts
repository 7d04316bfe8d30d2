import { type CelType, celTypes, listOf, mapOf } from './cel-type.ts';
import { addressOverloads } from './library/addresses.ts';
import { comparisonOverloads } from './library/comparison.ts';
import { conversionOverloads } from './library/conversion.ts';
import { formatOverloads } from './library/formats.ts';
import { listOverloads } from './library/lists.ts';
import { arithmeticOverloads } from './library/arithmetic.ts';
import { optionalOverloads } from './library/optionals.ts';
import { quantityOverloads } from './library/quantities.ts';
import { regexOverloads } from './library/regex.ts';
import { setOverloads } from './library/sets.ts';
import { stringOverloads } from './library/strings.ts';
import { timeOverloads } from './library/time.ts';
import { urlOverloads } from './library/urls.ts';
import type { Overload } from './overload.ts';

export type FunctionTable = ReadonlyMap<string, readonly Overload[]>;

/** What Kubernetes 1.32 offers to the rules of a CustomResourceDefinition. */
export const functionTable: FunctionTable = Map.groupBy(
  [
    ...arithmeticOverloads,
    ...comparisonOverloads,
    ...conversionOverloads,
    ...stringOverloads,
    ...regexOverloads,
    ...listOverloads,
    ...setOverloads,
    ...timeOverloads,
    ...optionalOverloads,
    ...quantityOverloads,
    ...addressOverloads,
    ...urlOverloads,
    ...formatOverloads,
  ],
  ({ name }) => name,
);

/** Types that expressions may name, as in `type(x) == string`. */
export const typeNames: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ['bool', celTypes.bool],
  ['bytes', celTypes.bytes],
  ['double', celTypes.double],
  ['google.protobuf.Duration', celTypes.duration],
  ['google.protobuf.Timestamp', celTypes.timestamp],
  ['int', celTypes.int],
  ['list', listOf(celTypes.dyn)],
  ['map', mapOf(celTypes.dyn, celTypes.dyn)],
  ['null_type', celTypes.null],
  ['optional_type', { kind: 'optional', of: celTypes.dyn }],
  ['string', celTypes.string],
  ['type', { kind: 'type', of: celTypes.dyn }],
  ['uint', celTypes.uint],
]);
