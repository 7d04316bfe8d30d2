import assert from 'node:assert/strict';
import { decodeJoinToken, encodeJoinToken, JoinTokenError } from '../../../src/api/join-token.ts';

const token = {
  serverName: 'n2',
  fingerprint: 'ab'.repeat(32),
  addresses: ['192.0.2.1:8443', '[2001:db8::1]:8443'],
  secret: 'cd'.repeat(32),
  expiresAt: '2026-01-01T03:00:00Z',
};
const fields = {
  server_name: 'n2',
  fingerprint: 'ab'.repeat(32),
  addresses: ['192.0.2.1:8443'],
  secret: 'cd'.repeat(32),
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

describe('api/join-token', () => {
  it('reads back what it wrote, blanks around it ignored', () => {
    assert.deepEqual(decodeJoinToken(` ${encodeJoinToken(token)}\n`), token);
  });

  it('carries the field names that LXD knows', () => {
    const written: unknown = JSON.parse(Buffer.from(encodeJoinToken(token), 'base64').toString());
    assert.deepEqual(Object.keys(written as object), [
      'server_name',
      'fingerprint',
      'addresses',
      'secret',
      'expires_at',
    ]);
  });

  it('takes tokens of old issuers, which name no expiry', () => {
    assert.equal(decodeJoinToken(encode(fields)).expiresAt, '');
  });

  const refused = [
    { name: 'what is not base64', text: 'not a token!', want: /not a join token/ },
    {
      name: 'base64 of something else',
      text: Buffer.from('hello').toString('base64'),
      want: /not a join token/,
    },
    { name: 'a token without a name', text: encode({ ...fields, server_name: '' }), want: /names no member/ },
    { name: 'a token without addresses', text: encode({ ...fields, addresses: [] }), want: /no address/ },
    { name: 'addresses that are no texts', text: encode({ ...fields, addresses: [1] }), want: /no address/ },
    { name: 'a token without a secret', text: encode({ ...fields, secret: undefined }), want: /no secret/ },
    {
      name: 'a token without a fingerprint',
      text: encode({ ...fields, fingerprint: 7 }),
      want: /no certificate/,
    },
    {
      name: 'a fingerprint of another form',
      text: encode({ ...fields, fingerprint: 'xy' }),
      want: /SHA-256/,
    },
  ];
  for (const { name, text, want } of refused) {
    it(`refuses ${name}, without repeating it`, () => {
      assert.throws(
        () => decodeJoinToken(text),
        (error) =>
          error instanceof JoinTokenError && want.test(error.message) && !error.message.includes(text),
      );
    });
  }
});
