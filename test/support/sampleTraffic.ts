import type { TrafficChannel } from '../../src/traffic/trafficChannel';
import type { TrafficClock, TrafficRecorder } from '../../src/traffic/trafficRecorder';

/** A clock that stands still until it is told to go on. */
export class ManualClock implements TrafficClock {
  #elapsed = 0;
  readonly #start: number;

  /** @param start milliseconds since the epoch at which it stands. */
  constructor(start = Date.UTC(2026, 10, 20, 10, 42, 7, 113)) {
    this.#start = start;
  }

  now(): number {
    return this.#start + Math.round(this.#elapsed);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  advance(milliseconds: number): void {
    this.#elapsed += milliseconds;
  }
}

const identity = { account: '111122223333', role: 'Developer', region: 'us-east-1', profile: 'acme-dev' };

/** What every request says of itself since 2026-07-28. */
const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'claude-code', version: '2.1.0' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
};

/** A response as our own tools give it: structured, and as text for clients that read only that. */
function toolResult(content: object): object {
  const structuredContent = { ...content, identity };
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}

/** Records what two clients do in a minute: calls that succeed, fail, are cancelled and still run. */
export function recordSample(recorder: TrafficRecorder, clock: ManualClock): void {
  const code = recorder.openChannel({
    server: 'AWS tools',
    client: 'Visual Studio Code',
    session: 's1',
    era: 'legacy',
  });
  let requests = 0;
  const claude = (): TrafficChannel =>
    recorder.openChannel({ server: 'AWS tools', client: 'claude-code', session: `r${++requests}`, era: 'modern' });
  const toServer = (channel: TrafficChannel, message: { params?: object; [name: string]: unknown }): void => {
    const params = channel === code ? message.params : { ...message.params, _meta: modernMeta };
    channel.message('clientToServer', { jsonrpc: '2.0', ...message, ...(params ? { params } : {}) });
  };
  const toClient = (channel: TrafficChannel, message: { result?: object; [name: string]: unknown }): void => {
    const result = channel === code || !message.result ? message.result : { resultType: 'complete', ...message.result };
    channel.message('serverToClient', { jsonrpc: '2.0', ...message, ...(result ? { result } : {}) });
  };

  toServer(code, {
    id: 0,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: { roots: {}, sampling: {}, elicitation: {} },
      clientInfo: { name: 'Visual Studio Code', version: '1.139.1' },
    },
  });
  clock.advance(3.2);
  toClient(code, {
    id: 0,
    result: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'mcp-workbench', version: '0.1.0' },
    },
  });
  clock.advance(4);
  toServer(code, { method: 'notifications/initialized' });
  clock.advance(2);
  toServer(code, { id: 1, method: 'tools/list' });
  clock.advance(6.1);
  toClient(code, { id: 1, result: { tools: Array.from({ length: 13 }, (_, n) => ({ name: `tool_${n}` })) } });

  clock.advance(280);
  const list = claude();
  toServer(list, {
    id: 1,
    method: 'tools/call',
    params: { name: 'lambda_list_functions', arguments: { region: 'us-east-1', limit: 20 } },
  });
  clock.advance(80);
  list.awsRequest(1, {
    service: 'Lambda',
    operation: 'ListFunctions',
    region: 'us-east-1',
    account: '111122223333',
    requestId: '4c1f6a52-0d8b-4b7e-9a53-2f6a1f0f9b11',
    attempts: 1,
    startedAt: clock.now() - 71,
    durationMs: 71,
    httpStatus: 200,
  });
  clock.advance(4);
  toClient(list, {
    id: 1,
    result: toolResult({
      functions: ['orders-refund', 'orders-ship', 'catalog-index'].map((functionName) => ({
        functionName,
        functionArn: `arn:aws:lambda:us-east-1:111122223333:function:${functionName}`,
        runtime: 'nodejs22.x',
        memorySize: 128,
        timeout: 3,
      })),
    }),
  });
  list.close();

  clock.advance(205);
  toServer(code, {
    id: 2,
    method: 'tools/call',
    params: { name: 'cloudformation_describe_stack', arguments: { stackName: 'orders' } },
  });
  clock.advance(212);
  toClient(code, { id: 2, result: toolResult({ stackName: 'orders', stackStatus: 'UPDATE_COMPLETE' }) });

  clock.advance(1400);
  const object = claude();
  toServer(object, {
    id: 2,
    method: 'tools/call',
    params: { name: 's3_get_object', arguments: { bucket: 'acme-reports', key: '2026/11/summary.csv' } },
  });
  clock.advance(28);
  object.awsRequest(2, {
    service: 'S3',
    operation: 'GetObject',
    region: 'us-east-1',
    account: '111122223333',
    requestId: '8H5Q0T3T9C4N1A2B',
    attempts: 1,
    startedAt: clock.now() - 25,
    durationMs: 25,
    httpStatus: 403,
    errorName: 'AccessDenied',
  });
  clock.advance(3);
  toClient(object, {
    id: 2,
    result: {
      isError: true,
      content: [{ type: 'text', text: 'AccessDenied: Developer may not s3:GetObject on acme-reports.' }],
      structuredContent: {
        code: 'AccessDenied',
        message: 'Developer may not s3:GetObject on acme-reports.',
        remedy: 'Ask for s3:GetObject on that bucket, or pick another profile.',
        retryable: false,
        awsRequestId: '8H5Q0T3T9C4N1A2B',
      },
    },
  });
  object.close();

  clock.advance(2280);
  toServer(code, {
    id: 3,
    method: 'tools/call',
    params: { name: 'cdk_synth_stack', arguments: { stackName: 'orders' }, _meta: { progressToken: 'p3' } },
  });
  for (const [done, message] of ['Reading cdk.json', 'Running the app', 'Synthesising orders'].entries()) {
    clock.advance(700);
    toClient(code, {
      method: 'notifications/progress',
      params: { progressToken: 'p3', progress: done + 1, total: 3, message },
    });
  }
  clock.advance(4);
  toClient(code, { id: 3, result: toolResult({ stackName: 'orders', resources: 48 }) });

  clock.advance(1100);
  const invoke = claude();
  toServer(invoke, {
    id: 3,
    method: 'tools/call',
    params: {
      name: 'lambda_invoke_function',
      arguments: { functionName: 'orders-refund', payload: { orderId: 'A-1042', amount: 12.5 } },
    },
  });
  for (const [index, operation] of ['GetFunction', 'Invoke'].entries()) {
    clock.advance(620);
    invoke.awsRequest(3, {
      service: 'Lambda',
      operation,
      region: 'us-east-1',
      account: '111122223333',
      requestId: `4c1${index}a5d2-77aa-4e0d-8d3b-2f6a1f0f9b1${index}`,
      attempts: 1 + index,
      startedAt: clock.now() - 600,
      durationMs: 596,
      httpStatus: 200,
    });
  }
  toClient(invoke, {
    id: 3,
    result: {
      isError: true,
      content: [{ type: 'text', text: 'Unhandled: TypeError at handler (index.js:12)' }],
      structuredContent: {
        code: 'Internal',
        message: 'The function failed. Unhandled: TypeError at handler (index.js:12)',
        remedy: 'Look at the log of orders-refund.',
        retryable: false,
      },
    },
  });
  invoke.close();

  clock.advance(500);
  toServer(code, {
    id: 4,
    method: 'tools/call',
    params: { name: 'cloudformation_list_stack_events', arguments: { stackName: 'orders' } },
  });
  clock.advance(900);
  toServer(code, {
    method: 'notifications/cancelled',
    params: { requestId: 4, reason: 'The user stopped the answer.' },
  });
  clock.advance(40);
  toClient(code, { id: 'e1', method: 'elicitation/create', params: { message: 'Invoke function orders-refund?' } });
  clock.advance(300);
  const waiting = claude();
  toServer(waiting, {
    id: 4,
    method: 'tools/call',
    params: { name: 'cloudformation_list_stacks', arguments: {} },
  });
}

/** Records `calls` finished calls of a few tools, one in ten of them failed. */
export function recordMany(recorder: TrafficRecorder, clock: ManualClock, calls: number, from = 0): void {
  const channel = recorder.openChannel({ server: 'AWS tools', client: 'claude-code', session: 's1', era: 'legacy' });
  const tools = ['lambda_list_functions', 's3_get_object', 'cloudformation_list_stacks', 'cdk_synth_stack'];
  for (let call = from; call < from + calls; call += 1) {
    channel.message('clientToServer', {
      jsonrpc: '2.0',
      id: call,
      method: 'tools/call',
      params: { name: tools[call % tools.length], arguments: { call } },
    });
    clock.advance(1 + (call % 300));
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      id: call,
      result: { isError: call % 10 === 9, content: [{ type: 'text', text: `Result of call ${call}` }] },
    });
  }
}
