// What a kernel of the first kind also runs (its personalities).
const alsoRuns: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['i686'],
  aarch64: ['armv7l', 'armv6l', 'armv8l'],
  armv8l: ['armv7l', 'armv6l'],
  ppc64: ['powerpc'],
  s390x: [],
  mips64: ['mips'],
};

/** Whether a member of architecture `host` runs a system made for `wanted`. */
export function canRun(host: string, wanted: string): boolean {
  return host === wanted || (alsoRuns[host]?.includes(wanted) ?? false);
}
