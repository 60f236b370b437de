import type { Bucket } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { isoDate } from '../isoDate';
import { pageInput, pageOutput } from '../page';
import { defineAwsTool } from '../tool';

const bucketSchema = z.object({
  name: z.string(),
  bucketRegion: z.string().optional(),
  creationDate: z.string().optional(),
});

/** S3 answers with regions only where a page size is asked for. */
const maxBuckets = 1000;

/** `ListBuckets`; source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export const listBuckets = defineAwsTool({
  name: 's3_list_buckets',
  title: 'List buckets',
  description:
    'Lists the S3 buckets of the account, those of all regions, with region and creation date. Use it to find a bucket before listing its objects.',
  toolset: 's3',
  access: 'read',
  openWorld: false,
  iamActions: ['s3:ListAllMyBuckets'],
  cache: { ttlSeconds: 60 },
  input: z.object({
    prefix: z.string().min(1).max(255).optional().describe('Only buckets whose name begins with this.'),
    bucketRegion: z
      .string()
      .regex(/^[a-z]{2,}(-[a-z]+)+-\d$/)
      .optional()
      .describe('Only buckets of this region.'),
    ...pageInput,
  }),
  output: z.object({ buckets: z.array(bucketSchema).describe('Buckets.'), ...pageOutput }),
  resources: () => [],
  async run({ prefix, bucketRegion, limit, cursor }, context) {
    const { aws, signal } = context;
    const s3 = await aws.client('s3');
    const { items, ...rest } = await context.page({
      limit,
      cursor,
      fetch: async (token) => {
        const { Buckets = [], ContinuationToken } = await s3.listBuckets(
          { Prefix: prefix, BucketRegion: bucketRegion, MaxBuckets: maxBuckets, ContinuationToken: token },
          { abortSignal: signal },
        );
        // Some stores that speak S3 do not know `Prefix` of this operation and answer with all.
        const wanted = Buckets.filter(({ Name = '' }) => Name.startsWith(prefix ?? ''));
        return { items: wanted.map(toBucket), nextToken: ContinuationToken };
      },
    });
    return { buckets: items, ...rest };
  },
});

function toBucket(bucket: Bucket): z.output<typeof bucketSchema> {
  return {
    name: bucket.Name ?? '',
    bucketRegion: bucket.BucketRegion,
    creationDate: isoDate(bucket.CreationDate),
  };
}
