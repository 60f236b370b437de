import * as z from 'zod';

const bucket = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;
const accessPoint = /^arn:aws[a-z-]*:s3(-object-lambda|-outposts|express)?:[a-z0-9-]+:\d{12}:[A-Za-z0-9:/_-]{1,200}$/;

/** `Bucket` of the API, which takes names of buckets, aliases and ARNs of access points. */
export const bucketInput = z
  .string()
  .max(300)
  .refine((name) => bucket.test(name) || accessPoint.test(name), 'must be a bucket name or the ARN of an access point')
  .describe('Bucket name, or access point ARN.');
