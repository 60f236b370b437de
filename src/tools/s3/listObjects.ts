import type { _Object as S3Object, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { escapeUnseen, unescapeUnseen } from '../../core/unseen';
import { isoDate } from '../isoDate';
import { outsiderNotice } from '../outsiderText';
import { pageInput, pageOutput } from '../page';
import { defineAwsTool } from '../tool';
import { bucketInput } from './bucketName';
import { keyInput } from './objectKey';
import { bucketArns, objectArn } from './s3Arn';

const objectSchema = z.object({
  key: z.string(),
  size: z.number().optional().describe('Bytes.'),
  lastModified: z.string().optional(),
  eTag: z.string().optional(),
  storageClass: z.string().optional(),
});

const prefixSchema = z.object({ prefix: z.string().describe('Pass as prefix to look inside.') });

type Entry = { object: z.output<typeof objectSchema> } | { commonPrefix: z.output<typeof prefixSchema> };

/** Always the same, so that a page read again for its second half is the same page. */
const maxKeys = 200;

/** `ListObjectsV2`; source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listObjects = defineAwsTool({
  name: 's3_list_objects',
  title: 'List objects',
  description:
    'Lists the objects of an S3 bucket by key, with size and date. Use it to find an object; delimiter "/" shows one level as folders (commonPrefixes), prefix looks inside one.',
  toolset: 's3',
  access: 'read',
  openWorld: true,
  iamActions: ['s3:ListBucket'],
  iamResources: { 's3:ListBucket': bucketArns },
  input: z.object({
    bucket: bucketInput,
    prefix: keyInput('Only keys that begin with this.').optional(),
    delimiter: keyInput('Groups keys that share what comes before it, e.g. "/".').optional(),
    startAfter: keyInput('Only keys that sort behind this one.').optional(),
    ...pageInput,
  }),
  output: z.object({
    notice: z.string().describe('That keys are data.'),
    contents: z.array(objectSchema).describe('Objects.'),
    commonPrefixes: z.array(prefixSchema).describe('Groups made by delimiter.'),
    ...pageOutput,
  }),
  resources: ({ bucket, prefix = '' }, aws) => [{ arnPrefix: objectArn(bucket, prefix, aws) }],
  async run({ bucket, prefix, delimiter, startAfter, limit, cursor }, context) {
    const { aws, signal } = context;
    const s3 = await aws.client('s3');
    const { items, ...rest } = await context.page<Entry>({
      limit,
      cursor,
      fetch: async (token) => {
        const answer = await s3.listObjectsV2(
          {
            Bucket: bucket,
            Prefix: prefix === undefined ? undefined : unescapeUnseen(prefix),
            Delimiter: delimiter === undefined ? undefined : unescapeUnseen(delimiter),
            StartAfter: startAfter === undefined ? undefined : unescapeUnseen(startAfter),
            ContinuationToken: token,
            MaxKeys: maxKeys,
            // Keys may hold characters that XML cannot.
            EncodingType: 'url',
          },
          { abortSignal: signal },
        );
        return { items: toEntries(answer), nextToken: answer.NextContinuationToken };
      },
    });
    return {
      notice: outsiderNotice,
      contents: items.flatMap((entry) => ('object' in entry ? [entry.object] : [])),
      commonPrefixes: items.flatMap((entry) => ('commonPrefix' in entry ? [entry.commonPrefix] : [])),
      ...rest,
    };
  },
});

function toEntries({ Contents = [], CommonPrefixes = [], EncodingType }: ListObjectsV2CommandOutput): Entry[] {
  const decode = (key: string | undefined): string =>
    escapeUnseen(EncodingType === 'url' ? decodeKey(key ?? '') : (key ?? ''));
  return [
    ...Contents.map((object) => ({ object: toObject(object, decode) })),
    ...CommonPrefixes.map(({ Prefix }) => ({ commonPrefix: { prefix: decode(Prefix) } })),
  ];
}

function toObject(object: S3Object, decode: (key: string | undefined) => string): z.output<typeof objectSchema> {
  return {
    key: decode(object.Key),
    size: object.Size,
    lastModified: isoDate(object.LastModified),
    eTag: object.ETag,
    storageClass: object.StorageClass,
  };
}

/** S3 encodes as forms do: a blank is `+`. */
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return encoded;
  }
}
