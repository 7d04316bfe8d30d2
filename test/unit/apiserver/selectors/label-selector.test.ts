import assert from 'node:assert/strict';
import { matchesLabels, parseLabelSelector } from '../../../../src/apiserver/selectors/label-selector.ts';

const labels = { app: 'web', tier: 'gold', size: '7', empty: '' };

describe('apiserver/selectors/label-selector', () => {
  const matches = [
    { selector: '', want: true },
    { selector: 'app=web', want: true },
    { selector: 'app==web,tier=gold', want: true },
    { selector: ' app = web , tier ', want: true },
    { selector: 'app!=web', want: false },
    { selector: 'absent!=web', want: true },
    { selector: 'app in (db, web)', want: true },
    { selector: 'app in (db)', want: false },
    { selector: 'absent in (db)', want: false },
    { selector: 'app notin (db)', want: true },
    { selector: 'absent notin (db)', want: true },
    { selector: 'tier', want: true },
    { selector: '!tier', want: false },
    { selector: '!absent', want: true },
    { selector: 'size>5', want: true },
    { selector: 'size<5', want: false },
    { selector: 'app>5', want: false },
    { selector: 'absent<5', want: false },
    { selector: 'empty=', want: true },
    { selector: 'empty in (,x)', want: true },
    { selector: 'example.com/a=b', want: false },
    { selector: 'constructor', want: false },
    { selector: '!constructor', want: true },
  ];
  for (const { selector, want } of matches) {
    it(`${want ? 'lets through' : 'stops'} by "${selector}"`, () => {
      assert.equal(matchesLabels(parseLabelSelector(selector), labels), want);
    });
  }

  const name = "name part must consist of alphanumeric characters, '-', '_' or '.'";
  const refusals = [
    { selector: 'a=b=c', want: "found '=', expected: ',' or 'end of string'" },
    { selector: 'a,', want: "found '', expected: identifier after ','" },
    { selector: ',a', want: "found ',', expected: !, identifier, or 'end of string'" },
    {
      selector: 'a b',
      want: "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
    },
    { selector: 'a in b', want: "unable to parse requirement: found 'b' expected: '('" },
    { selector: 'a in (b', want: "unable to parse requirement: found '', expected: ',' or ')'" },
    {
      selector: 'a in ()',
      want: "unable to parse requirement: values: Invalid value: []: for 'in', 'notin'",
    },
    {
      selector: 'a>b',
      want: "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators",
    },
    { selector: '!', want: "unable to parse requirement: found '', expected: identifier" },
    { selector: '-a=b', want: `unable to parse requirement: <nil>: Invalid value: "-a": ${name}` },
    {
      selector: 'a=-b',
      want: 'unable to parse requirement: values[0][a]: Invalid value: "-b": a valid label must be',
    },
  ];
  for (const { selector, want } of refusals) {
    it(`refuses "${selector}"`, () => {
      assert.throws(
        () => parseLabelSelector(selector),
        (error: Error) => error.message.startsWith(want) || assert.fail(error.message),
      );
    });
  }

  it('takes a hundred thousand signs in its stride', () => {
    assert.throws(() => parseLabelSelector('('.repeat(100_000)));
    assert.throws(() => parseLabelSelector('a'.repeat(100_000)));
  });
});
