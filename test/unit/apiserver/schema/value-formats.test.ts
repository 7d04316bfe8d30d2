import assert from 'node:assert/strict';
import { stringFormats } from '../../../../src/apiserver/schema/value-formats.ts';

describe('apiserver/schema/value-formats', () => {
  const cases: readonly { format: string; good: readonly string[]; bad: readonly string[] }[] = [
    { format: 'byte', good: ['', 'eA==', 'abcd'], bad: ['a', 'a-b_', 'eA=x'] },
    {
      format: 'cidr',
      good: ['10.0.0.0/8', 'fd00::/64'],
      bad: ['10.0.0.0', '10.0.0.0/33', '::/129', 'x/8', '1.1.1.1/8/8'],
    },
    { format: 'date', good: ['2024-02-29'], bad: ['2023-02-29', '2024-13-01', '24-01-01'] },
    {
      format: 'date-time',
      good: ['2024-01-01T00:00:00Z', '2024-01-01t23:59:60.123456+02:00'],
      bad: ['2024-01-01', '2024-01-01T24:00:00Z', '2024-02-30T00:00:00Z'],
    },
    { format: 'duration', good: ['0', '1h30m', '-1.5s', '300ms'], bad: ['', '1', '1x', '1h-1m', 'h'] },
    { format: 'email', good: ['a@example.com'], bad: ['a', 'a@', '@b', 'a b@c'] },
    { format: 'hostname', good: ['a', 'a.b-c.d', 'a.'], bad: ['', '-a', 'a..b', 'a_b', 'a'.repeat(64)] },
    { format: 'ipv4', good: ['1.2.3.4'], bad: ['1.2.3', '::1', '1.2.3.256'] },
    { format: 'ipv6', good: ['::1', 'fe80::1'], bad: ['1.2.3.4', ':::'] },
    {
      format: 'mac',
      good: ['00:16:3e:aa:bb:cc', '00-16-3E-AA-BB-CC'],
      bad: ['00:16:3e:aa:bb', '00:16-3e:aa:bb:cc'],
    },
    { format: 'uri', good: ['https://x/y', '/path'], bad: ['x y', 'no scheme'] },
    { format: 'uuid', good: ['123e4567-e89b-12d3-a456-426614174000'], bad: ['123e4567'] },
  ];
  for (const { format, good, bad } of cases) {
    it(`tells a ${format}`, () => {
      const check = stringFormats[format] ?? assert.fail(format);
      assert.deepEqual([good.filter((text) => !check(text)), bad.filter(check)], [[], []]);
    });
  }

  it('takes no longer for long texts', () => {
    for (const check of Object.values(stringFormats)) check(`${'a.1:-@'.repeat(50_000)}!`);
  });
});
