import assert from 'node:assert/strict';

import {
  findConfigProblems,
  instanceConfigPrefixes,
  ownConfigPrefixes,
} from '../../../src/api/config-keys.ts';

describe('api/config-keys', () => {
  const cases = [
    { keys: [], prefixes: instanceConfigPrefixes, want: [] },
    { keys: ['user.a', 'environment.HTTP_PROXY'], prefixes: instanceConfigPrefixes, want: [] },
    {
      keys: ['limits.memory', 'cloud-init.user-data'],
      prefixes: instanceConfigPrefixes,
      want: [
        'the config key "cloud-init.user-data" is not served by this release; keys begin with "environment." or "user."',
        'the config key "limits.memory" is the field spec.resources.memory here',
      ],
    },
    {
      keys: ['user.', 'environment.1ST'],
      prefixes: instanceConfigPrefixes,
      want: [
        'the config key "environment.1ST" names no environment variable: letters, digits and underscores, no digit first',
        'the config key "user." is not served by this release; keys begin with "environment." or "user."',
      ],
    },
    {
      keys: ['environment.A'],
      prefixes: ownConfigPrefixes,
      want: ['the config key "environment.A" is not served by this release; keys begin with "user."'],
    },
  ];
  for (const { keys, prefixes, want } of cases) {
    it(`of ${JSON.stringify(keys)} with ${prefixes.join(' and ')} finds ${want.length} problems`, () => {
      const config = Object.fromEntries(keys.map((key) => [key, 'x']));
      assert.deepEqual(findConfigProblems(config, prefixes), want);
    });
  }
});
