import assert from 'node:assert/strict';
import { formatAge, formatAgeOf } from '../../../../src/apiserver/table/human-age.ts';

const [minute, hour, day, year] = [60, 3600, 86_400, 365 * 86_400];

describe('apiserver/table/human-age', () => {
  const cases = [
    { seconds: -2, want: '<invalid>' },
    { seconds: -0.5, want: '0s' },
    { seconds: 5.9, want: '5s' },
    { seconds: 119, want: '119s' },
    { seconds: 120, want: '2m' },
    { seconds: 200, want: '3m20s' },
    { seconds: 45 * minute, want: '45m' },
    { seconds: 5 * hour + 10 * minute, want: '5h10m' },
    { seconds: 30 * hour, want: '30h' },
    { seconds: 3 * day + 4 * hour, want: '3d4h' },
    { seconds: 20 * day, want: '20d' },
    { seconds: 3 * year + 40 * day, want: '3y40d' },
    { seconds: 9 * year, want: '9y' },
  ];
  for (const { seconds, want } of cases) {
    it(`shows ${seconds} seconds as ${want}`, () => assert.equal(formatAge(seconds), want));
  }

  it('shows what is no time as invalid', () => {
    assert.equal(formatAgeOf('soon', 0), '<invalid>');
    assert.equal(formatAgeOf('1970-01-01T00:00:00Z', 5000), '5s');
  });
});
