import assert from 'node:assert/strict';
import { checkRules } from '../../../../src/apiserver/cel/rules/check-rules.ts';
import type { OpenApiSchema } from '../../../../src/apiserver/schema/open-api-schema.ts';

const text: OpenApiSchema = { type: 'string' };

function check(schema: OpenApiSchema): string[] {
  return checkRules(schema, 'root').map(({ field, message }) => `${field ?? ''}: ${message}`);
}

function withRule(
  definition: object,
  properties: Readonly<Record<string, OpenApiSchema>> = {},
): OpenApiSchema {
  return { type: 'object', properties, 'x-kubernetes-validations': [definition] };
}

describe('apiserver/cel/rules/check-rules', () => {
  it('shows where a rule does not compile', () => {
    assert.deepEqual(check(withRule({ rule: 'self.foo > 1' })), [
      'root.x-kubernetes-validations[0].rule: Invalid value: "self.foo > 1": compilation failed: ' +
        "ERROR: <input>:1:5: undefined field 'foo'\n | self.foo > 1\n | ....^",
    ]);
  });

  const refused: { name: string; schema: OpenApiSchema; want: RegExp }[] = [
    { name: 'no rule', schema: withRule({}), want: /rule: Required value: rule is not specified/u },
    {
      name: 'a rule that is no question',
      schema: withRule({ rule: '1 + 1' }),
      want: /must evaluate to bool, not to int/u,
    },
    {
      name: 'types that do not go together',
      schema: withRule({ rule: "1 + 'a' == 2" }),
      want: /found no matching overload for '_\+_' applied to '\(int, string\)'/u,
    },
    {
      name: 'an unknown function',
      schema: withRule({ rule: 'foo(self)' }),
      want: /undeclared reference to 'foo'/u,
    },
    {
      name: 'an unknown reason',
      schema: withRule({ rule: 'true', reason: 'Why' }),
      want: /reason: Unsupported value: "Why"/u,
    },
    {
      name: 'a field that is not there',
      schema: withRule({ rule: 'true', fieldPath: '.x' }),
      want: /fieldPath must be a valid path/u,
    },
    {
      name: 'a message over several lines',
      schema: withRule({ rule: 'true', message: 'a\nb' }),
      want: /must not contain line breaks/u,
    },
    {
      name: 'a message that is no text',
      schema: withRule({ rule: 'true', messageExpression: '1' }),
      want: /messageExpression: Invalid value: "1": compilation failed: .*must evaluate to string/su,
    },
    {
      name: 'an optional old value that nobody asks for',
      schema: withRule({ rule: 'true', optionalOldSelf: true }),
      want: /may not be set if oldSelf is not used/u,
    },
    {
      name: 'a comparison within a list without keys',
      schema: {
        type: 'object',
        properties: {
          l: { type: 'array', items: { ...text, ...withRule({ rule: 'self == oldSelf' }), type: 'string' } },
        },
      },
      want: /oldSelf cannot be used on the uncorrelatable portion of the schema within root\.properties\[l\]$/u,
    },
    {
      name: 'a rule within a branch',
      schema: { type: 'object', anyOf: [{ 'x-kubernetes-validations': [{ rule: 'true' }] }] },
      want: /root\.anyOf\[0\]\.x-kubernetes-validations: Forbidden: must be empty to be structural/u,
    },
    {
      name: 'a rule that could take too long',
      schema: withRule(
        { rule: 'self.l.all(a, self.l.all(b, a == b))' },
        { l: { type: 'array', items: text } },
      ),
      want: /rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x \(try simplifying/u,
    },
    {
      name: 'a cheap rule that could run too often',
      schema: {
        type: 'object',
        properties: {
          l: {
            type: 'array',
            items: {
              type: 'object',
              properties: { a: { type: 'array', items: text } },
              'x-kubernetes-validations': [{ rule: "self.a.all(x, x != 'b')" }],
            },
          },
        },
      },
      want: /estimated rule cost exceeds budget/u,
    },
  ];
  for (const { name, schema, want } of refused) {
    it(`refuses ${name}`, () => {
      const [first = ''] = check(schema);
      assert.match(first, want);
    });
  }

  it('accepts what is limited', () => {
    const limited: OpenApiSchema = { type: 'array', maxItems: 50, items: { ...text, maxLength: 63 } };
    assert.deepEqual(
      check(withRule({ rule: 'self.l.all(a, self.l.exists_one(b, a == b))' }, { l: limited })),
      [],
    );
    assert.deepEqual(
      check(withRule({ rule: "self.t.startsWith('a') && self.t.size() < 10" }, { t: text })),
      [],
    );
    assert.deepEqual(
      check(
        withRule(
          { rule: "self.a['x'] == 1" },
          { a: { type: 'object', additionalProperties: { type: 'integer' } } },
        ),
      ),
      [],
    );
  });
});
