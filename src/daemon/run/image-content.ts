import { pipeline } from 'node:stream/promises';
import { apiError } from '../../api/api-error.ts';
import type { Image } from '../../api/generated/image.ts';
import { images } from '../../api/generated/resources.ts';
import { musterGroup } from '../../api/meta.ts';
import type { Subresource } from '../../apiserver/verbs/subresource.ts';
import type { ImageStore } from '../../hostagent/image/image-store.ts';

/** Serves what this member itself holds of an image; the other members fetch it from here. */
export function createImageContent(imageStore: Pick<ImageStore, 'open'>, memberName: string): Subresource {
  return {
    group: musterGroup,
    plural: images.plural,
    name: 'content',
    verbs: ['get'],
    async handle({ object, response, signal }) {
      const image = object as unknown as Image; // the API server has validated it
      const digest = image.status?.digest;
      const content = digest === undefined ? undefined : await imageStore.open(digest);
      if (content === undefined) {
        throw apiError(
          'NotFound',
          `member ${memberName} does not have the content of image ${image.metadata.name}`,
        );
      }
      response.statusCode = 200;
      response.setHeader('content-type', 'application/octet-stream');
      response.setHeader('content-length', String(content.sizeBytes));
      await pipeline(content.stream, response, { signal });
    },
  };
}
