import { field, resourceSchema } from '../schema/builtin/schema-parts.ts';
import type { OpenApiSchema } from '../schema/open-api-schema.ts';

export const certificateRequestSchema: OpenApiSchema = resourceSchema(
  'Asks for a client certificate of an Identity.',
  {
    spec: field.object('What is wanted.', {
      publicKey: field.text('The public key, in PEM. The private one stays with whom it belongs to.'),
      expirationSeconds: field.integer('How long it is good; default is a year.', 'int64'),
    }),
    status: field.object('The answer.', {
      certificate: field.text('The certificate, in PEM.'),
      expirationTimestamp: field.time('When it ends.'),
    }),
  },
);
