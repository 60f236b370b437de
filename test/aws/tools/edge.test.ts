import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { awsTools } from '../../../src/tools/awsTools';
import { outsiderNotice } from '../../../src/tools/outsiderText';
import { FakeEndpoint, type ReceivedRequest } from './fakeEndpoint';
import { ScriptedAsker, seededAws, ToolCaller } from './toolCalls';

const yes = new ScriptedAsker({ kind: 'allowed', by: 'editor' });

/** A valid input for each tool. */
const inputs: Record<string, object> = {
  aws_get_caller_identity: {},
  cloudformation_list_stacks: {},
  cloudformation_describe_stack: { stackName: 'orders' },
  cloudformation_list_stack_resources: { stackName: 'orders' },
  cloudformation_list_stack_events: { stackName: 'orders' },
  lambda_list_functions: {},
  lambda_get_function: { functionName: 'orders' },
  lambda_invoke_function: { functionName: 'orders', payload: {} },
  s3_list_buckets: {},
  s3_list_objects: { bucket: 'orders' },
  s3_get_object: { bucket: 'orders', key: 'a' },
};

/** What no emulator does: endpoints that hang, fail, refuse, or answer in the exact words of the real service. */
describe('Tools at the network edge', () => {
  /** Runs `body` with a caller whose services, but STS, are at an endpoint that answers so. */
  async function atEdge(
    answer: (request: ReceivedRequest, response: ServerResponse) => void,
    body: (caller: ToolCaller, endpoint: FakeEndpoint) => Promise<void>,
  ): Promise<void> {
    const { aws } = await seededAws();
    const endpoint = new FakeEndpoint(answer);
    const url = await endpoint.listen();
    const caller = new ToolCaller(
      { ...aws.env, AWS_ENDPOINT_URL: url, AWS_ENDPOINT_URL_STS: aws.endpoint },
      { editorAsker: yes },
    );
    try {
      await body(caller, endpoint);
    } finally {
      caller.dispose();
      await endpoint.close();
    }
  }

  const json =
    (status: number, value: unknown, headers: Record<string, string> = {}) =>
    (_request: ReceivedRequest, response: ServerResponse): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-requestid': 'edge-1', ...headers });
      response.end(JSON.stringify(value));
    };

  const xml =
    (status: number, text: string) =>
    (_request: ReceivedRequest, response: ServerResponse): void => {
      response.writeHead(status, {
        'content-type': 'text/xml',
        'x-amzn-requestid': 'edge-1',
        'x-amz-request-id': 'edge-1',
      });
      response.end(text);
    };

  it('knows an input for every tool', () => {
    assert.deepEqual(
      Object.keys(inputs),
      awsTools.map(({ name }) => name),
    );
  });

  for (const { name } of awsTools.filter((tool) => tool.name !== 'aws_get_caller_identity')) {
    it(`${name} ends in mid-call when it is cancelled, and lets go of its connection`, async () => {
      await atEdge(
        () => undefined,
        async (caller, endpoint) => {
          const controller = new AbortController();
          const running = caller.error(name, inputs[name], { signal: controller.signal });
          await endpoint.received(1);
          controller.abort();
          assert.equal((await running).code, 'Cancelled');
          await endpoint.drained();
          assert.equal(endpoint.requests.length, 1);
        },
      );
    });
  }

  describe('permission', () => {
    const denied = (action: string) => {
      const message = `User: arn:aws:sts::000000000000:assumed-role/Dev/me is not authorized to perform: ${action} on resource: arn:aws:x:us-east-1:000000000000:y because no identity-based policy allows the ${action} action`;
      if (action.startsWith('lambda:')) {
        return json(403, { Message: message }, { 'x-amzn-errortype': 'AccessDeniedException' });
      }
      if (action.startsWith('s3:'))
        return xml(403, `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`);
      return xml(
        403,
        `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error><RequestId>edge-1</RequestId></ErrorResponse>`,
      );
    };

    for (const { name, iamActions } of awsTools.filter((tool) => tool.name !== 'aws_get_caller_identity')) {
      it(`${name} names the missing action`, async () => {
        await atEdge(denied(iamActions[0] ?? ''), async (caller) => {
          const error = await caller.error(name, inputs[name]);
          assert.equal(error.code, 'AccessDenied');
          assert.ok(error.message.includes(iamActions[0] ?? '-'), error.message);
          assert.equal(error.retryable, false);
          assert.equal(error.awsRequestId, 'edge-1');
        });
      });
    }
  });

  it('asks to sign in where the credentials have expired', async () => {
    const expired = json(
      403,
      { Message: 'The security token included in the request is expired' },
      {
        'x-amzn-errortype': 'ExpiredTokenException',
      },
    );
    await atEdge(expired, async (caller) => {
      assert.equal((await caller.error('lambda_list_functions', {})).code, 'SignInRequired');
    });
  });

  describe('lambda_invoke_function', () => {
    const failures: [string, (request: ReceivedRequest, response: ServerResponse) => void][] = [
      ['a server error', json(500, { Message: 'internal' }, { 'x-amzn-errortype': 'ServiceException' })],
      ['throttling', json(429, { Message: 'slow down' }, { 'x-amzn-errortype': 'TooManyRequestsException' })],
      ['a lost connection', (_request, response) => void response.socket?.destroy()],
    ];
    for (const [kind, answer] of failures) {
      it(`is sent once and never again after ${kind}, while a read is tried again`, async () => {
        await atEdge(answer, async (caller, endpoint) => {
          const error = await caller.error('lambda_invoke_function', inputs['lambda_invoke_function']);
          assert.equal(endpoint.requests.length, 1, error.message);
          if (error.code !== 'Throttled') {
            assert.equal(error.retryable, false);
            assert.match(error.remedy, /took effect/);
          }
          await caller.error('lambda_list_functions', {});
          assert.ok(endpoint.requests.length > 2);
        });
      });
    }

    it('sends exactly the JSON value, to exactly the function', async () => {
      await atEdge(json(200, {}), async (caller, endpoint) => {
        const values = [{}, [], [1, 'ä'], 'text', '{"a":1}', 7, true, null, { 'ü\u202e': ['🚀', [[]], null] }];
        for (const payload of values) {
          await caller.output('lambda_invoke_function', { functionName: 'orders', payload, qualifier: 'live' });
          const sent = endpoint.requests.at(-1);
          assert.equal(sent?.body, JSON.stringify(payload));
          assert.equal(sent.method, 'POST');
          assert.equal(
            decodeURIComponent(sent.path),
            '/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:orders:live/invocations',
          );
          assert.equal(sent.headers['x-amz-invocation-type'], 'RequestResponse');
          assert.equal(sent.headers['x-amz-log-type'], 'Tail');
        }
        await caller.output('lambda_invoke_function', { functionName: 'orders', invocationType: 'Event' });
        assert.equal(endpoint.requests.at(-1)?.body, '');
        assert.equal(endpoint.requests.at(-1)?.headers['x-amz-log-type'], undefined);
      });
    });

    it('reads the error objects of Node.js, Python and Java', async () => {
      const errors = [
        {
          given: {
            errorType: 'TypeError',
            errorMessage: 'x is not a function',
            trace: ['TypeError: x', '    at handler (/var/task/index.mjs:2:9)'],
          },
          stackTrace: ['TypeError: x', '    at handler (/var/task/index.mjs:2:9)'],
        },
        {
          given: {
            errorMessage: 'declined',
            errorType: 'ValueError',
            requestId: 'r',
            stackTrace: ['  File "/var/task/index.py", line 3\n'],
          },
          stackTrace: ['  File "/var/task/index.py", line 3\n'],
        },
        {
          given: { errorMessage: 'old \u202eframes', errorType: 'E', stackTrace: [['/var/task/a.py', 3, 'handler']] },
          stackTrace: ['["/var/task/a.py",3,"handler"]'],
        },
      ];
      for (const { given, stackTrace } of errors) {
        await atEdge(json(200, given, { 'x-amz-function-error': 'Unhandled' }), async (caller) => {
          const output = await caller.output<{ functionError: string; error: object; payload?: object }>(
            'lambda_invoke_function',
            inputs['lambda_invoke_function'],
          );
          assert.equal(output.functionError, 'Unhandled');
          assert.deepEqual(output.error, {
            notice: outsiderNotice,
            errorType: given.errorType,
            errorMessage: given.errorMessage.replace('\u202e', '\\u{202e}'),
            stackTrace,
          });
          assert.equal(output.payload, undefined);
        });
      }
    });

    it('keeps an error payload of any other form as it is', async () => {
      for (const given of [
        { errorMessage: 'm', errorType: 'T', cause: { errorMessage: 'inner' } },
        'text',
        ['a'],
        { code: 1 },
      ]) {
        await atEdge(json(200, given, { 'x-amz-function-error': 'Handled' }), async (caller) => {
          const output = await caller.output<{ functionError: string; payload: { text: string } }>(
            'lambda_invoke_function',
            inputs['lambda_invoke_function'],
          );
          assert.equal(output.functionError, 'Handled');
          assert.deepEqual(JSON.parse(output.payload.text), given);
        });
      }
    });

    it('reads a log tail that begins inside a character', async () => {
      const tail = Buffer.concat([Buffer.from('🚀').subarray(2), Buffer.from('START\n\u001b[1mgo\u001b[0m\n')]);
      await atEdge(json(200, {}, { 'x-amz-log-result': tail.toString('base64') }), async (caller) => {
        const output = await caller.output<{ logResult: object }>(
          'lambda_invoke_function',
          inputs['lambda_invoke_function'],
        );
        assert.deepEqual(output.logResult, { notice: outsiderNotice, text: 'START\n\\u{1b}[1mgo\\u{1b}[0m\n' });
      });
    });
  });

  describe('s3_get_object', () => {
    it('never reads more than the cap, even from a server that ignores the range', async () => {
      let written = 0;
      const endless = (_request: ReceivedRequest, response: ServerResponse): void => {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-length': String(1024 ** 3) });
        const chunk = Buffer.alloc(64 * 1024, 'a');
        const write = (): void => {
          while (!response.destroyed) {
            written += chunk.length;
            if (!response.write(chunk)) break;
          }
        };
        response.on('drain', write);
        write();
      };
      await atEdge(endless, async (caller, endpoint) => {
        const output = await caller.output<{ body: { text: string }; nextStart: number }>('s3_get_object', {
          bucket: 'orders',
          key: 'endless',
        });
        assert.ok(output.body.text.length <= 32 * 1024);
        assert.equal(output.nextStart, output.body.text.length);
        await endpoint.drained();
        // What the kernel buffers is not read; a gigabyte would have been.
        assert.ok(written < 64 * 1024 * 1024, `${written} bytes were written`);
        assert.equal(endpoint.requests[0]?.headers['range'], `bytes=0-${30 * 1024 - 1}`);
      });
    });

    it('does not take the beginning of an object for the range that was asked for', async () => {
      const ignoring = (_request: ReceivedRequest, response: ServerResponse): void => {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '5' });
        response.end('hello');
      };
      await atEdge(ignoring, async (caller) => {
        const error = await caller.error('s3_get_object', { bucket: 'orders', key: 'a', start: 3 });
        assert.equal(error.code, 'Unsupported');
      });
    });

    it('ends in mid-body when it is cancelled', async () => {
      const stalling = (_request: ReceivedRequest, response: ServerResponse): void => {
        response.writeHead(206, {
          'content-type': 'text/plain',
          'content-range': 'bytes 0-99/100',
          'content-length': '100',
        });
        response.write('only the beginning');
      };
      await atEdge(stalling, async (caller, endpoint) => {
        const controller = new AbortController();
        const running = caller.error('s3_get_object', inputs['s3_get_object'], { signal: controller.signal });
        await endpoint.received(1);
        setTimeout(() => controller.abort(), 50);
        assert.equal((await running).code, 'Cancelled');
        await endpoint.drained();
      });
    });

    it('bounds the room that metadata of a stranger takes', async () => {
      const headers: Record<string, string> = {
        'content-type': 'text/plain',
        'content-length': '5',
        'content-range': 'bytes 0-4/5',
      };
      for (let index = 0; index < 20; index++) headers[`x-amz-meta-${index}`] = 'm'.repeat(100);
      const answer = (_request: ReceivedRequest, response: ServerResponse): void => {
        response.writeHead(206, headers);
        response.end('hello');
      };
      await atEdge(answer, async (caller) => {
        const output = await caller.output<{ body: { text: string }; metadata: object }>(
          's3_get_object',
          inputs['s3_get_object'],
        );
        assert.equal(output.body.text, 'hello');
        assert.equal(Object.keys(output.metadata).length, 20);
      });
    });
  });
});
