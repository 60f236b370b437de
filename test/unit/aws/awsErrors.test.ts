import assert from 'node:assert/strict';
import { toWorkbenchError } from '../../../src/aws/awsErrors';
import { WorkbenchError, type ErrorCode } from '../../../src/core/errors';

/** An error as the SDK throws it. */
function sdkError(name: string, message: string, status: number | undefined, more: object = {}): Error {
  const $metadata = { ...(status === undefined ? {} : { httpStatusCode: status }), requestId: 'req-1', attempts: 1 };
  return Object.assign(new Error(message), { name, $metadata, ...more });
}

function systemError(code: string, more: object = {}): Error {
  return Object.assign(new Error(`connect ${code}`), { code, ...more });
}

const denied =
  'User: arn:aws:sts::111122223333:assumed-role/Dev/jane is not authorized to perform: lambda:ListFunctions on resource: arn:aws:lambda:us-east-1:111122223333:function:* because no identity-based policy allows the lambda:ListFunctions action';

describe('toWorkbenchError', () => {
  const context = { iamActions: ['s3:GetObject'], profile: 'dev' };

  const table: [name: string, error: unknown, code: ErrorCode, retryable: boolean, says: RegExp][] = [
    ['throttling', sdkError('ThrottlingException', 'Rate exceeded', 400), 'Throttled', true, /Rate exceeded\./],
    ['S3 slow down', sdkError('SlowDown', 'Please reduce your request rate.', 503), 'Throttled', true, /reduce/],
    ['status 429', sdkError('Odd', 'x', 429), 'Throttled', true, /slow down/],
    ['a throttling trait', sdkError('Odd', 'x', 400, { $retryable: { throttling: true } }), 'Throttled', true, /x/],
    [
      'access denied',
      sdkError('AccessDeniedException', denied, 403),
      'AccessDenied',
      false,
      /lambda:ListFunctions on arn:aws:lambda/,
    ],
    [
      'EC2 denial',
      sdkError('UnauthorizedOperation', 'You are not authorized.', 403),
      'AccessDenied',
      false,
      /s3:GetObject/,
    ],
    [
      'S3 denial',
      sdkError('AccessDenied', 'Access Denied', 403),
      'AccessDenied',
      false,
      /needs s3:GetObject: Access Denied\./,
    ],
    ['a bare 403', sdkError('403', 'UnknownError', 403), 'AccessDenied', false, /s3:GetObject/],
    [
      'expired token',
      sdkError('ExpiredTokenException', 'The security token included in the request is expired', 403),
      'SignInRequired',
      false,
      /profile dev have expired/,
    ],
    [
      'S3 expired token',
      sdkError('ExpiredToken', 'The provided token has expired.', 400),
      'SignInRequired',
      false,
      /expired/,
    ],
    [
      'unknown key',
      sdkError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
      'SignInRequired',
      false,
      /profile dev/,
    ],
    [
      'unrecognised client',
      sdkError('UnrecognizedClientException', 'The security token is invalid', 400),
      'SignInRequired',
      false,
      /invalid/,
    ],
    [
      'S3 unknown key',
      sdkError('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', 403),
      'SignInRequired',
      false,
      /records/,
    ],
    [
      'wrong secret',
      sdkError('SignatureDoesNotMatch', 'The request signature we calculated does not match', 403),
      'SignInRequired',
      false,
      /signature/,
    ],
    [
      'no credentials',
      Object.assign(new Error('Could not load credentials from any providers'), { name: 'CredentialsProviderError' }),
      'SignInRequired',
      false,
      /Could not load/,
    ],
    [
      'no token',
      Object.assign(new Error('Token is expired.'), { name: 'TokenProviderError' }),
      'SignInRequired',
      false,
      /expired/,
    ],
    ['a wrong clock', sdkError('RequestTimeTooSkewed', 'The difference is too large.', 403), 'Internal', false, /time/],
    [
      'a wrong clock, said otherwise',
      sdkError('InvalidSignatureException', 'Signature expired: 20261120T000000Z is now earlier than', 403),
      'Internal',
      false,
      /time/,
    ],
    [
      'no such function',
      sdkError('ResourceNotFoundException', 'Function not found: arn:x', 404),
      'NotFound',
      false,
      /Function not found/,
    ],
    [
      'no such bucket',
      sdkError('NoSuchBucket', 'The specified bucket does not exist', 404),
      'NotFound',
      false,
      /bucket/,
    ],
    ['no such key', sdkError('NoSuchKey', 'The specified key does not exist.', 404), 'NotFound', false, /key/],
    ['a HEAD that finds nothing', sdkError('NotFound', 'UnknownError', 404), 'NotFound', false, /UnknownError/],
    ['no such stack', sdkError('ValidationError', 'Stack with id nope does not exist', 400), 'NotFound', false, /nope/],
    [
      'validation',
      sdkError('ValidationError', '1 validation error detected', 400),
      'InvalidInput',
      false,
      /validation/,
    ],
    [
      'bad parameter',
      sdkError('InvalidParameterValueException', 'The runtime is wrong', 400),
      'InvalidInput',
      false,
      /runtime/,
    ],
    [
      'bad range',
      sdkError('InvalidRange', 'The requested range is not satisfiable', 416),
      'InvalidInput',
      false,
      /range/,
    ],
    [
      'another region',
      sdkError('PermanentRedirect', 'use the endpoint', 301, {
        $response: { headers: { 'x-amz-bucket-region': 'eu-west-3' } },
      }),
      'InvalidInput',
      false,
      /eu-west-3/,
    ],
    [
      'a conflict',
      sdkError('ResourceConflictException', 'An update is in progress', 409),
      'InvalidInput',
      false,
      /update/,
    ],
    ['a quota', sdkError('LimitExceededException', 'Too many stacks', 400), 'InvalidInput', false, /limit/],
    ['a fault of AWS', sdkError('InternalFailure', 'internal', 500), 'Internal', true, /AWS failed/],
    ['service unavailable', sdkError('ServiceUnavailable', '', 503), 'Internal', true, /ServiceUnavailable/],
    [
      'unknown host',
      systemError('ENOTFOUND', { hostname: 'lambda.us-esat-1.amazonaws.com' }),
      'Internal',
      true,
      /lambda\.us-esat-1\.amazonaws\.com/,
    ],
    ['no DNS', systemError('EAI_AGAIN', { hostname: 'x' }), 'Internal', true, /EAI_AGAIN/],
    [
      'refused, named TimeoutError by the SDK',
      Object.assign(systemError('ECONNREFUSED', { address: '127.0.0.1', port: 1 }), { name: 'TimeoutError' }),
      'Internal',
      true,
      /127\.0\.0\.1:1/,
    ],
    ['reset', systemError('ECONNRESET'), 'Internal', true, /ECONNRESET/],
    [
      'refused on all addresses',
      Object.assign(new AggregateError([systemError('ECONNREFUSED', { address: '::1', port: 9 })], ''), {
        code: 'ECONNREFUSED',
        name: 'TimeoutError',
      }),
      'Internal',
      true,
      /::1:9/,
    ],
    [
      'a cause below',
      new Error('request failed', { cause: systemError('EHOSTUNREACH') }),
      'Internal',
      true,
      /EHOSTUNREACH/,
    ],
    ['an unknown certificate', systemError('SELF_SIGNED_CERT_IN_CHAIN'), 'Internal', false, /certificate/],
    [
      'a timeout of the SDK',
      Object.assign(new Error('slow'), { name: 'TimeoutError', code: 'ETIMEDOUT' }),
      'Timeout',
      true,
      /in time/,
    ],
    ['a timeout of a signal', new DOMException('slow', 'TimeoutError'), 'Timeout', true, /in time/],
    [
      'a cancelled request',
      Object.assign(new Error('Request aborted'), { name: 'AbortError' }),
      'Cancelled',
      false,
      /cancelled/,
    ],
    ['anything else', new TypeError('x is not a function'), 'Internal', false, /x is not a function\./],
    ['a text', 'oops', 'Internal', false, /oops/],
    ['nothing', undefined, 'Internal', false, /./],
  ];

  for (const [name, error, code, retryable, says] of table) {
    it(`takes ${name} for ${code}`, () => {
      const result = toWorkbenchError(error, context);
      assert.equal(result.code, code, result.message);
      assert.equal(result.retryable, retryable);
      assert.match(result.message, says);
      assert.match(result.message, /[.…]$/);
      assert.match(result.remedy, /\.$/);
      assert.equal(result.cause, error);
      const hasMetadata = error instanceof Error && '$metadata' in error;
      assert.equal(result.awsRequestId, hasMetadata ? 'req-1' : undefined);
    });
  }

  it('gives back an error of ours as it is', () => {
    const error = new WorkbenchError('NotFound', 'a', { remedy: 'b' });
    assert.equal(toWorkbenchError(error, context), error);
  });

  it('names the action that is missing in message and remedy', () => {
    const { message, remedy } = toWorkbenchError(sdkError('AccessDeniedException', denied, 403), context);
    assert.match(message, /lambda:ListFunctions/);
    assert.match(remedy, /lambda:ListFunctions/);
    const unsaid = toWorkbenchError(sdkError('AccessDenied', 'Access Denied', 403), { iamActions: ['a:B', 'c:D'] });
    assert.match(unsaid.remedy, /a:B or c:D/);
  });

  it('says that a policy forbids it where one does', () => {
    const text =
      'User: arn:aws:iam::1:user/x is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::b" with an explicit deny in a service control policy';
    const { message, remedy } = toWorkbenchError(sdkError('AccessDenied', text, 403), context);
    assert.match(message, /^AWS denied s3:ListBucket on arn:aws:s3:::b: explicit deny in a service control policy\.$/);
    assert.match(remedy, /forbids/);
  });

  it('lets no secret and no control character through, and no end of text', () => {
    const error = sdkError(
      'ValidationError',
      `key AKIAIOSFODNN7EXAMPLE \u001b[31m\u202e\nBearer abcdefghijklmnop ${'x'.repeat(5000)}`,
      400,
    );
    const { message } = toWorkbenchError(error, context);
    assert.doesNotMatch(message, /AKIAIOSFODNN7EXAMPLE|abcdefghijklmnop|[\p{Cc}\u202e]/u);
    assert.ok(message.length < 1_100);
  });

  it('survives errors that are strange', () => {
    for (const strange of [null, 7, {}, { name: 3, message: {} }, Object.create(null), [], new AggregateError([])]) {
      assert.equal(toWorkbenchError(strange, { iamActions: [] }).code, 'Internal');
    }
    const circular = new Error('round');
    circular.cause = circular;
    assert.equal(toWorkbenchError(circular, { iamActions: [] }).code, 'Internal');
  });
});
