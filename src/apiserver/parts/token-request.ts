import { field, resourceSchema } from '../schema/builtin/schema-parts.ts';
import type { OpenApiSchema } from '../schema/open-api-schema.ts';

export const tokenRequestSchema: OpenApiSchema = resourceSchema('Asks for a token of a ServiceAccount.', {
  spec: field.object('What is wanted.', {
    audiences: field.texts('For whom the token is; the API server itself where nothing is said.'),
    expirationSeconds: field.integer('How long it is good, at least 600; default 3600.', 'int64'),
    boundObjectRef: field.object('The token ends with this object.', {
      kind: field.text('Secret.'),
      apiVersion: field.text('v1.'),
      name: field.text('Name of the object.'),
      uid: field.text('UID of the object.'),
    }),
  }),
  status: field.object('The answer.', {
    token: field.text('The token.'),
    expirationTimestamp: field.time('When it ends.'),
  }),
});
