const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** `5s`, `3m20s`, `45m`, `5h10m`, `30h`, `3d4h`, `20d`, `3y40d`: two units only while the smaller one still matters. */
export function formatAge(seconds: number): string {
  // A clock a second ahead of ours is normal; further ahead is a wrong time.
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  const units = [
    { below: 2 * minute, text: () => `${Math.floor(seconds)}s` },
    { below: 10 * minute, text: () => pair(seconds, [minute, 'm'], [1, 's']) },
    { below: 3 * hour, text: () => `${Math.floor(seconds / minute)}m` },
    { below: 8 * hour, text: () => pair(seconds, [hour, 'h'], [minute, 'm']) },
    { below: 2 * day, text: () => `${Math.floor(seconds / hour)}h` },
    { below: 8 * day, text: () => pair(seconds, [day, 'd'], [hour, 'h']) },
    { below: 2 * year, text: () => `${Math.floor(seconds / day)}d` },
    { below: 8 * year, text: () => pair(seconds, [year, 'y'], [day, 'd']) },
  ];
  return units.find(({ below }) => seconds < below)?.text() ?? `${Math.floor(seconds / year)}y`;
}

/** The age of a timestamp, as a table cell. */
export function formatAgeOf(timestamp: unknown, now: number): string {
  const time = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(time) ? '<invalid>' : formatAge((now - time) / 1000);
}

type Unit = readonly [seconds: number, name: string];

function pair(seconds: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const whole = Math.floor(seconds / large);
  const rest = Math.floor((seconds % large) / small);
  return rest === 0 ? `${whole}${largeName}` : `${whole}${largeName}${rest}${smallName}`;
}
