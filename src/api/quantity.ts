const bytesPerUnit: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ['B', 1n],
  ...powers(['K', 'M', 'G', 'T', 'P', 'E'], 1_000n),
  ...powers(['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'], 1_024n),
  ['k', 1_000n] as const,
  ['kB', 1_000n] as const,
]);

const pattern = /^(\d+)(?:\.(\d+))?([A-Za-z]*)$/;

/** A text that is no quantity; the message says what would be one. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

/**
 * Bytes of a size as Kubernetes (`512Mi`, `1.5G`) or LXD (`512MiB`, `1500MB`) writes it; parts of a byte are
 * rounded up. Throws a QuantityError.
 */
export function parseBytes(text: string): number {
  const [, whole, fraction = '', unit = ''] = pattern.exec(text) ?? [];
  if (whole === undefined) {
    throw new QuantityError(`"${text}" is not a size: write a number and a unit, such as 512Mi or 10GB`);
  }
  const factor = bytesPerUnit.get(unit);
  if (factor === undefined) {
    throw new QuantityError(
      `"${text}" has the unknown unit "${unit}": use Ki, Mi, Gi, Ti (powers of 1024) or k, M, G, T (of 1000), with or without B`,
    );
  }
  const bytes = toBytes(whole, fraction, factor);
  // Not a limit that anybody meets: nine million gigabytes.
  if (bytes > BigInt(Number.MAX_SAFE_INTEGER)) throw new QuantityError(`"${text}" is more than 8191Ti`);
  return Number(bytes);
}

/** The largest binary unit that leaves no remainder: `512Mi`, `1536Ki`. */
export function formatBytes(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti'];
  let rest = bytes;
  let index = 0;
  while (rest > 0 && rest % 1_024 === 0 && index < units.length - 1) {
    rest /= 1_024;
    index += 1;
  }
  return `${rest}${units[index] ?? ''}`;
}

function toBytes(whole: string, fraction: string, factor: bigint): bigint {
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * factor;
  return (scaled + scale - 1n) / scale;
}

/** Each unit with and without LXD's closing B. */
function powers(units: readonly string[], base: bigint): (readonly [string, bigint])[] {
  return units.flatMap((unit, index) => {
    const factor = base ** BigInt(index + 1);
    return [[unit, factor] as const, [`${unit}B`, factor] as const];
  });
}
