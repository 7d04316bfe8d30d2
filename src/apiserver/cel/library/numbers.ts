import { CelEvaluationError } from '../cel-error.ts';
import { CelDuration, CelTimestamp, CelUint } from '../cel-value.ts';

const intLimit = 2n ** 63n;
const uintLimit = 2n ** 64n;
const nanosPerSecond = 1_000_000_000n;
/** The years 1 to 9999. */
const firstSecond = -62_135_596_800n;
const lastSecond = 253_402_300_799n;

/** 64 bits, as in every CEL: what does not fit is an error, never a wrap-around. */
export function toInt(value: bigint): bigint {
  if (value >= -intLimit && value < intLimit) return value;
  throw new CelEvaluationError('integer overflow');
}

export function toUint(value: bigint): CelUint {
  if (value >= 0n && value < uintLimit) return new CelUint(value);
  throw new CelEvaluationError('unsigned integer overflow');
}

export function toTimestamp(nanos: bigint): CelTimestamp {
  const seconds = floorDivide(nanos, nanosPerSecond);
  if (seconds >= firstSecond && seconds <= lastSecond) return new CelTimestamp(nanos);
  throw new CelEvaluationError('timestamp overflow');
}

export function toDuration(nanos: bigint): CelDuration {
  if (nanos >= -intLimit && nanos < intLimit) return new CelDuration(nanos);
  throw new CelEvaluationError('duration overflow');
}

/** Towards minus infinity, unlike bigint's own division. */
export function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
