/** One entry of an Accept header: `application/json;as=Table;v=v1;g=meta.k8s.io`. */
export interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export function parseAccept(header: string | undefined): readonly MediaRange[] {
  const ranges = (header ?? '')
    .split(',')
    .map(parseMediaType)
    .filter((range) => range.type !== '');
  if (ranges.length === 0) return [{ type: '*/*', parameters: new Map() }];
  // A stable sort keeps the client's own order among equals; few clients send q at all.
  return ranges.toSorted((a, b) => quality(b) - quality(a));
}

export function parseMediaType(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const pairs = parameters.map((parameter): [string, string] => {
    const equals = parameter.indexOf('=');
    if (equals < 0) return [parameter.toLowerCase(), ''];
    const value = parameter.slice(equals + 1).replace(/^"(.*)"$/, '$1');
    return [parameter.slice(0, equals).toLowerCase(), value];
  });
  return { type: type.toLowerCase(), parameters: new Map(pairs) };
}

function quality({ parameters }: MediaRange): number {
  const value = Number(parameters.get('q') ?? '1');
  return Number.isNaN(value) ? 1 : value;
}

/** How a resource is shown: as itself, as rows for people, or its metadata only. */
export interface Representation {
  readonly shape: 'metadata' | 'metadata-list' | 'object' | 'table';
  readonly encoding: 'json' | 'yaml';
  /** The meta.k8s.io version that the client asked for. */
  readonly metaVersion: string;
}

const plainJson: Representation = { shape: 'object', encoding: 'json', metaVersion: 'v1' };
const shapes = new Map<string, Representation['shape']>([
  ['PartialObjectMetadata', 'metadata'],
  ['PartialObjectMetadataList', 'metadata-list'],
  ['Table', 'table'],
]);

/** The first entry that this server can answer; undefined is "406 Not Acceptable". */
export function chooseRepresentation(
  header: string | undefined,
  can: (representation: Representation) => boolean,
): Representation | undefined {
  for (const range of parseAccept(header)) {
    const representation = representationOf(range);
    if (representation !== undefined && can(representation)) return representation;
  }
  return undefined;
}

function representationOf({ type, parameters }: MediaRange): Representation | undefined {
  const encoding = encodingOf(type);
  if (encoding === undefined) return undefined;
  const as = parameters.get('as');
  if (as === undefined) return { ...plainJson, encoding };
  const shape = shapes.get(as);
  const metaVersion = parameters.get('v') ?? 'v1';
  if (shape === undefined || parameters.get('g') !== 'meta.k8s.io') return undefined;
  return ['v1', 'v1beta1'].includes(metaVersion) ? { shape, encoding, metaVersion } : undefined;
}

function encodingOf(type: string): Representation['encoding'] | undefined {
  if (['*/*', 'application/*', 'application/json'].includes(type)) return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}
