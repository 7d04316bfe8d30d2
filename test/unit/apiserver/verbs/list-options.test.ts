import assert from 'node:assert/strict';
import { isApiError } from '../../../../src/api/api-error.ts';
import { formatContinueToken } from '../../../../src/apiserver/verbs/continue-token.ts';
import { parseListOptions, parseWatchOptions } from '../../../../src/apiserver/verbs/list-options.ts';

const token = { revision: 7, after: 'a' };
const text = formatContinueToken(token);
const none = { limit: undefined, revision: undefined, token: undefined, isExact: false };

describe('apiserver/verbs/list-options', () => {
  const lists = [
    { query: '', want: none },
    { query: 'limit=5', want: { ...none, limit: 5 } },
    { query: 'limit=-1', want: none },
    { query: 'resourceVersion=0&limit=5', want: { ...none, limit: 5, revision: 0 } },
    { query: 'resourceVersion=9', want: { ...none, revision: 9 } },
    { query: 'resourceVersion=9&limit=5', want: { ...none, limit: 5, revision: 9, isExact: true } },
    { query: 'resourceVersion=9&resourceVersionMatch=Exact', want: { ...none, revision: 9, isExact: true } },
    { query: `continue=${text}`, want: { ...none, token } },
  ];
  for (const { query, want } of lists) {
    it(`reads a list with "${query}"`, () => {
      assert.deepEqual(parseListOptions(new URLSearchParams(query)), want);
    });
  }

  const refused = [
    { query: 'limit=x', code: 400 },
    { query: 'resourceVersion=abc', code: 422 },
    { query: 'resourceVersionMatch=Exact', code: 422 },
    { query: 'resourceVersionMatch=Exact&resourceVersion=0', code: 422 },
    { query: 'resourceVersionMatch=Some&resourceVersion=1', code: 422 },
    { query: 'sendInitialEvents=true', code: 422 },
    { query: `continue=${text}&resourceVersion=1`, code: 400 },
    { query: `continue=${text}&resourceVersionMatch=Exact`, code: 422 },
    { query: 'continue=x', code: 400 },
  ];
  for (const { query, code } of refused) {
    it(`refuses a list with "${query}"`, () => {
      assert.throws(
        () => parseListOptions(new URLSearchParams(query)),
        (error) => isApiError(error) && error.code === code,
      );
    });
  }

  const watches = [
    { query: '', sends: true },
    { query: 'resourceVersion=0', sends: true },
    { query: 'resourceVersion=4', sends: false },
    { query: 'resourceVersion=4&sendInitialEvents=true&resourceVersionMatch=NotOlderThan', sends: true },
    { query: 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan', sends: false },
  ];
  for (const { query, sends } of watches) {
    it(`decides whether a watch with "${query}" begins with the present state`, () => {
      assert.equal(parseWatchOptions(new URLSearchParams(query)).sendsInitialEvents, sends);
    });
  }
});
