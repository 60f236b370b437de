import { addAbortSignal, type Readable } from 'node:stream';
import type { GetObjectCommandOutput, S3 } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { byteLength } from '../../core/byteLength';
import { WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import { redactJson } from '../../core/redact';
import { unescapeUnseen } from '../../core/unseen';
import { freeText } from '../freeText';
import { isoDate } from '../isoDate';
import { outsiderNotice, outsiderText, outsiderTextSchema } from '../outsiderText';
import { defineAwsTool } from '../tool';
import { bucketInput } from './bucketName';
import { keyInput } from './objectKey';
import { objectArn, objectArns } from './s3Arn';
import { fitText, readText } from './textBody';

/** The longest character of UTF-8: less than that might hold none. */
const minReadBytes = 4;

/** `GetObject`; source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export const getObject = defineAwsTool({
  name: 's3_get_object',
  title: 'Get object',
  description:
    'Reads an S3 object, or a range of its bytes: text as text, anything else as base64. Large objects come in parts; pass nextStart as start for the next one. Use it to look into files, logs and data.',
  toolset: 's3',
  access: 'read',
  openWorld: true,
  iamActions: ['s3:GetObject', 's3:GetObjectVersion'],
  iamResources: { 's3:GetObject': objectArns, 's3:GetObjectVersion': objectArns },
  input: z.object({
    bucket: bucketInput,
    key: keyInput('Key, as listed.'),
    versionId: z.string().min(1).max(1024).optional().describe('Version instead of the current one.'),
    start: z.number().int().min(0).default(0).describe('First byte.'),
    length: z.number().int().min(1).optional().describe('Bytes at most; the size limit may end it sooner.'),
  }),
  output: z.object({
    contentType: z.string().optional().describe('Media type, as its writer says.'),
    contentEncoding: z.string().optional().describe('Such as gzip; not undone.'),
    contentRange: z.string().optional().describe('The bytes returned, as in HTTP.'),
    totalBytes: z.number().optional().describe('Size of the object.'),
    nextStart: z.number().optional().describe('Where to go on; absent at the end.'),
    lastModified: z.string().optional().describe('ISO 8601.'),
    eTag: z.string().optional().describe('Entity tag.'),
    versionId: z.string().optional().describe('Version read.'),
    storageClass: z.string().optional().describe('Storage class.'),
    metadata: z.record(z.string(), z.string()).optional().describe('User metadata; data, as the body is.'),
    body: outsiderTextSchema.optional().describe('The bytes, where they are text.'),
    base64: z.string().optional().describe('The bytes, where they are not.'),
  }),
  resources: ({ bucket, key }, aws) => [objectArn(bucket, key, aws)],
  async run({ bucket, key, versionId, start, length }, { aws, signal, maxOutputBytes }) {
    const s3 = await aws.client('s3');
    const readBytes = Math.min(Math.max(length ?? maxOutputBytes, minReadBytes), maxOutputBytes);
    const target = { Bucket: bucket, Key: unescapeUnseen(key), VersionId: versionId };
    const answer = await getRange(s3, target, start, readBytes, signal);
    checkRange(answer, start);
    const total = totalBytesOf(answer);
    const about = {
      contentType: freeText(answer.ContentType),
      contentEncoding: freeText(answer.ContentEncoding),
      totalBytes: total,
      lastModified: isoDate(answer.LastModified),
      eTag: answer.ETag,
      versionId: answer.VersionId,
      storageClass: answer.StorageClass,
      metadata: toMetadata(answer.Metadata),
    };
    const bytes = await readBody(answer.Body as Readable | undefined, readBytes, signal);
    const room = maxOutputBytes - byteLength(JSON.stringify(redactJson({ ...about, notice: outsiderNotice }))) - 200;
    const part = toPart(bytes, answer, start, Math.min(length ?? readBytes, readBytes), Math.max(room, 1024), total);
    const from = start + part.skipped;
    const end = from + part.size;
    return {
      ...about,
      contentRange: part.size === 0 ? undefined : `bytes ${from}-${end - 1}/${total ?? '*'}`,
      nextStart: part.size > 0 && (total === undefined || end < total) ? end : undefined,
      body: part.text === undefined ? undefined : outsiderText(part.text),
      base64: part.base64,
    };
  },
});

interface Target {
  Bucket: string;
  Key: string;
  VersionId: string | undefined;
}

async function getRange(s3: S3, target: Target, start: number, length: number, signal: AbortSignal) {
  try {
    const range = `bytes=${start}-${start + length - 1}`;
    return await s3.getObject({ ...target, Range: range }, { abortSignal: signal });
  } catch (error) {
    if (!isInvalidRange(error)) throw error;
    // No range is valid for an object without bytes.
    if (start === 0) return s3.getObject(target, { abortSignal: signal });
    const size = Number((error as { ActualObjectSize?: unknown }).ActualObjectSize);
    throw new WorkbenchError(
      'InvalidInput',
      `The object has no byte ${start}${Number.isFinite(size) ? `: it has ${size} bytes` : ''}.`,
      { remedy: 'Pass a smaller start.', cause: error },
    );
  }
}

/** Some S3-compatible stores answer a range with the whole object, which would be taken for what it is not. */
function checkRange({ ContentRange }: GetObjectCommandOutput, start: number): void {
  const first = Number(/^bytes (\d+)-/.exec(ContentRange ?? '')?.[1] ?? 0);
  if (first === start) return;
  throw new WorkbenchError('Unsupported', `The store answered with bytes from ${first}, not from ${start}.`, {
    remedy: 'Leave start out; this store does not serve ranges.',
  });
}

function isInvalidRange(error: unknown): boolean {
  if (!isRecord(error)) return false;
  return (
    error['name'] === 'InvalidRange' || (isRecord(error['$metadata']) && error['$metadata']['httpStatusCode'] === 416)
  );
}

function totalBytesOf({ ContentRange, ContentLength }: GetObjectCommandOutput): number | undefined {
  const total = /\/(\d+)$/.exec(ContentRange ?? '')?.[1];
  return total === undefined ? ContentLength : Number(total);
}

/** At most `limit` bytes; the connection is given up where the server sends more. */
async function readBody(body: Readable | undefined, limit: number, signal: AbortSignal): Promise<Buffer> {
  if (!body) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early destroys the stream, and with it the connection.
  for await (const chunk of addAbortSignal(signal, body)) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}

interface BodyPart {
  /** Bytes at the start that are left out: the rest of a character that began before. */
  skipped: number;
  /** Bytes returned. */
  size: number;
  text?: string;
  base64?: string;
}

/** @param room UTF-8 bytes of JSON that the part may take. */
function toPart(
  bytes: Buffer,
  answer: GetObjectCommandOutput,
  start: number,
  length: number,
  room: number,
  total: number | undefined,
): BodyPart {
  const isEnd = total !== undefined && start + bytes.length >= total;
  const read = readText(bytes, answer.ContentType, start === 0, isEnd);
  if (read) {
    const wanted = headOfBytes(read.text, length);
    const text = fitText(wanted, room);
    return { skipped: read.skipped, size: byteLength(text), text };
  }
  const fitting = bytes.subarray(0, Math.min(length, Math.floor(room / 4) * 3));
  return { skipped: 0, size: fitting.length, base64: fitting.toString('base64') };
}

/** The characters that lie within the first `length` bytes of a text; at least one. */
function headOfBytes(text: string, length: number): string {
  if (byteLength(text) <= length) return text;
  let size = 0;
  let end = 0;
  for (const character of text) {
    size += byteLength(character);
    if (size > length && end > 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function toMetadata(metadata: Record<string, string> | undefined): Record<string, string> | undefined {
  if (!metadata || Object.keys(metadata).length === 0) return undefined;
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [freeText(name) ?? '', freeText(value) ?? '']),
  );
}
