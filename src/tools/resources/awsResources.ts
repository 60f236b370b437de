import { WorkbenchError } from '../../core/errors';
import { unescapeUnseen } from '../../core/unseen';
import { getCallerIdentity } from '../aws/getCallerIdentity';
import { getFunction } from '../lambda/getFunction';
import { getObject } from '../s3/getObject';
import { getTemplate } from './getTemplate';
import { listRegions } from './listRegions';
import { bucketNames, functionNames, objectKeys, stackNames } from './nameSource';
import { defineResource, jsonContent, type ResourceDefinition } from './resource';
import { functionUriTemplate, templateUriTemplate } from './resourceUris';

const accountMetadata = defineResource({
  name: 'account-metadata',
  title: 'Account',
  description: 'The AWS account, role and region that the tools act as, as AWS itself says.',
  uriTemplate: 'aws://account/metadata',
  tool: getCallerIdentity,
});

const regions = defineResource({
  name: 'regions',
  title: 'Regions',
  description: 'The Regions of the partition that the tools act in, and which one is current.',
  uriTemplate: 'aws://regions',
  tool: listRegions,
});

const stackTemplate = defineResource({
  name: 'stack-template',
  title: 'Stack template',
  description: 'The template that a CloudFormation stack was last deployed from, by name or ARN of the stack.',
  uriTemplate: templateUriTemplate,
  tool: getTemplate,
  toArguments: ({ stack }) => ({ stackName: stack }),
  complete: { stack: stackNames },
});

const functionConfiguration = defineResource({
  name: 'function-configuration',
  title: 'Function configuration',
  description: 'The configuration of a Lambda function, by name or ARN. Environment variables come by name only.',
  uriTemplate: functionUriTemplate,
  tool: getFunction,
  toArguments: (variables) => ({ functionName: variables['function'] }),
  complete: { function: functionNames },
});

const object = defineResource({
  name: 'object',
  title: 'S3 object',
  description:
    'An S3 object by bucket and key: text inside a boundary that says it is data, anything else as bytes. A large object is cut, and says where it goes on.',
  uriTemplate: 's3://{bucket}/{key}',
  tool: getObject,
  toArguments: ({ bucket = '', key = '' }) => {
    checkKey(key);
    return { bucket, key };
  },
  toContent: (output) => {
    const { base64, contentType, nextStart } = output;
    // A part of an image or archive is of no use to whoever opens it; then what is known of it is.
    if (typeof base64 === 'string' && nextStart === undefined) {
      return { mimeType: mediaTypeOf(contentType) ?? 'application/octet-stream', blob: base64 };
    }
    if (nextStart === undefined) return jsonContent(output);
    const { base64: _part, nextStart: _next, ...rest } = output;
    return jsonContent({
      ...rest,
      truncated: true,
      note:
        base64 === undefined
          ? `This is the beginning. Call s3_get_object with start ${Number(nextStart)} for more.`
          : 'The object is too large to be read as one resource. Call s3_get_object with start and length for parts.',
    });
  },
  complete: { bucket: bucketNames, key: objectKeys },
});

/** The resources of AWS, in the order in which clients list them. */
export const awsResources: readonly ResourceDefinition[] = [
  accountMetadata,
  regions,
  stackTemplate,
  functionConfiguration,
  object,
];

/**
 * Refuses keys that name another object once somebody on the way tidies the path: clients do so with URIs, proxies and
 * S3-compatible stores with requests.
 */
function checkKey(key: string): void {
  if (!unescapeUnseen(key).split('/').some(isDotSegment)) return;
  throw new WorkbenchError('InvalidInput', 'A key with "." or ".." between slashes cannot be read as a resource.', {
    remedy: 'Call s3_get_object with this key.',
  });
}

function isDotSegment(segment: string): boolean {
  return segment === '.' || segment === '..';
}

/** The media type that the object's writer gave it, where it is one. */
function mediaTypeOf(contentType: unknown): string | undefined {
  if (typeof contentType !== 'string') return undefined;
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/i.exec(contentType)?.[0].toLowerCase();
}
