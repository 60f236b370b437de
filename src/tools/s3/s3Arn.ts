import type { AwsSession } from '../../aws/identity';
import { unescapeUnseen } from '../../core/unseen';

/** What IAM policies can limit actions on one bucket to, and on its objects. */
export const bucketArns = ['arn:*:s3:::*'];
export const objectArns = ['arn:*:s3:::*/*'];

/**
 * Names that S3 makes and that lead to a bucket of another name: aliases of access points.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
const alias = /(?:-s3alias|--ol-s3|--xa-s3|--op-s3|\.mrap)$/i;

/** How the ARN of an object begins, up to and with what stands before its key. */
export function objectArnPrefix(bucket: string, { arn, identity }: Pick<AwsSession, 'arn' | 'identity'>): string {
  if (bucket.startsWith('arn:')) return `${bucket}/object/`;
  const partition = arn.split(':')[1] ?? 'aws';
  if (alias.test(bucket)) {
    return `arn:${partition}:s3:${identity.region}:${identity.account}:accesspoint/${bucket}/object/`;
  }
  return `arn:${partition}:s3:::${bucket}/`;
}

/** The ARN of an object, its key as lists show it. */
export function objectArn(bucket: string, key: string, aws: Pick<AwsSession, 'arn' | 'identity'>): string {
  return objectArnPrefix(bucket, aws) + unescapeUnseen(key);
}
