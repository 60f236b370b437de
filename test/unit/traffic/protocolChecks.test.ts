import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { checkSchemas } from '../../../src/editor/inspector/schemaChecks';
import { checkExchange, type CheckedExchange } from '../../../src/traffic/protocolChecks';
import type { ChannelInfo } from '../../../src/traffic/trafficChannel';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import { ManualClock, recordSample } from '../../support/sampleTraffic';

const legacy: ChannelInfo = { server: 's', client: 'c', session: 's1', era: 'legacy' };
const modern: ChannelInfo = { ...legacy, era: 'modern' };
const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

describe('checkExchange', () => {
  let recorder: TrafficRecorder;

  beforeEach(() => {
    recorder = new TrafficRecorder({ clock: new ManualClock() });
  });

  afterEach(() => recorder.dispose());

  function exchange(seq: number): CheckedExchange {
    const record = recorder.get(seq);
    const other = record?.pair === undefined ? undefined : recorder.get(record.pair);
    const [request, response] = record?.kind === 'response' ? [other, record] : [record, other];
    return { request, response, facts: recorder.factsOf(seq) };
  }

  function findings(seq: number): string[] {
    return checkExchange(exchange(seq)).map(
      ({ severity, message, path, text }) => `${severity} ${message} ${path ?? '-'}: ${text}`,
    );
  }

  function call(info: ChannelInfo, params: object, result?: object): void {
    const channel = recorder.openChannel(info);
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    if (result) channel.message('serverToClient', { jsonrpc: '2.0', id: 1, result });
  }

  const fine = { content: [{ type: 'text', text: 'x' }] };

  it('has nothing to say where all is as it should be', () => {
    call(legacy, { name: 'x', arguments: {} }, fine);
    call(modern, { name: 'x', arguments: {}, _meta: meta }, { ...fine, resultType: 'complete' });
    assert.deepEqual([findings(1), findings(3)], [[], []]);
    const sample = new TrafficRecorder({ clock: new ManualClock() });
    recordSample(sample, new ManualClock());
    sample.dispose();
  });

  it('knows what a message must be made of', () => {
    const channel = recorder.openChannel(legacy);
    channel.message('clientToServer', { id: 1.5, method: 'tools/call', params: ['x'], extra: 1 });
    assert.deepEqual(findings(1), [
      'error request jsonrpc: Every message must say "jsonrpc": "2.0".',
      'warning request extra: JSON-RPC knows no member "extra" here.',
      'error request id: An id must be a text or a whole number.',
      'error request params: MCP takes parameters by name only, as an object.',
    ]);
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1.5, result: {}, error: {} });
    assert.deepEqual(findings(2).slice(4), [
      'error response id: An id must be a text or a whole number.',
      'error response -: A response has either a result or an error, not both.',
      'error response error.code: The code of an error must be a whole number.',
      'error response error: An error must have a message.',
      'error response result: The result of a tool must have a list "content".',
    ]);
  });

  it('knows methods, parameters, eras and who sends what', () => {
    const channel = recorder.openChannel(modern);
    const send = (method: string, params: object = { _meta: meta }): number => {
      channel.message('clientToServer', { jsonrpc: '2.0', id: recorder.extent.nextSeq, method, params });
      return recorder.extent.nextSeq - 1;
    };
    assert.deepEqual(findings(send('ping')), ['error request method: "ping" is gone since 2026-07-28.']);
    assert.deepEqual(findings(send('acme/do')), [
      'warning request method: "acme/do" is no method of MCP; it may be an extension.',
    ]);
    assert.deepEqual(findings(send('tools/call', { nam: 'x', _meta: meta })), [
      'warning request params.nam: This method has no parameter "nam".',
      'error request params: The parameter "name" is missing.',
    ]);
    assert.deepEqual(findings(send('roots/list')), [
      'error request method: "roots/list" is gone since 2026-07-28.',
      'error request method: Only servers send "roots/list".',
    ]);
    assert.deepEqual(findings(send('tools/list', {})), [
      'error request params: Every request must name "io.modelcontextprotocol/protocolVersion" in _meta.',
      'error request params: Every request must name "io.modelcontextprotocol/clientCapabilities" in _meta.',
    ]);
    assert.equal(findings(send('subscriptions/listen')).length, 0);
  });

  it('knows what each side declared, and when it may speak', () => {
    const channel = recorder.openChannel(legacy);
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
    channel.message('clientToServer', { jsonrpc: '2.0', id: 0, method: 'initialize', params });
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const result = { protocolVersion: '2025-06-18', capabilities: { resources: {} }, serverInfo: {} };
    channel.message('serverToClient', { jsonrpc: '2.0', id: 0, result });
    channel.message('clientToServer', { jsonrpc: '2.0', method: 'notifications/initialized' });
    channel.message('clientToServer', {
      jsonrpc: '2.0',
      id: 1,
      method: 'resources/subscribe',
      params: { uri: 'file:///x' },
    });
    channel.message('serverToClient', { jsonrpc: '2.0', id: 7, method: 'sampling/createMessage', params: {} });
    channel.message('serverToClient', { jsonrpc: '2.0', id: 99, result: {} });
    assert.deepEqual(findings(1), [
      'info response result.protocolVersion: The client asked for "2025-11-25"; the server settled on "2025-06-18".',
    ]);
    assert.deepEqual(findings(2), [
      'error request -: It was sent before the initialization was over; until then only pings may be sent.',
      'error request method: The server did not declare "tools", which the client uses here.',
    ]);
    assert.deepEqual(findings(5), [
      'error request id: The id was used before in this session; each request needs one of its own.',
      'error request method: The server did not declare "resources.subscribe", which the client uses here.',
    ]);
    assert.deepEqual(findings(6), [
      'error request method: The client did not declare "sampling", which the server uses here.',
    ]);
    assert.deepEqual(findings(7), [
      'error response id: It answers no request that was seen; its id is that of none that is waiting.',
    ]);
  });

  it('compares headers with the body', () => {
    const channel = recorder.openChannel(modern);
    channel.message(
      'clientToServer',
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'grüß', _meta: meta } },
      undefined,
      undefined,
      {
        'MCP-Protocol-Version': '2025-11-25',
        'Mcp-Method': 'tools/call',
        'Mcp-Name': `=?base64?${Buffer.from('grüß').toString('base64')}?=`,
        Authorization: 'Bearer abcdefghijkl',
        'Mcp-Session-Id': 'e2b1',
      },
    );
    assert.deepEqual(findings(1), [
      'error request params._meta: The header mcp-protocol-version says "2025-11-25", the body "2026-07-28".',
    ]);
    channel.message(
      'clientToServer',
      { jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri: 'file:///a', _meta: meta } },
      undefined,
      undefined,
      () => ({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'resources/list' }),
    );
    assert.deepEqual(findings(2), [
      'error request method: The header mcp-method says "resources/list", the body "resources/read".',
      'error request params.uri: The header mcp-name is missing; it must say the same as this.',
    ]);
    const { headers } = recorder.get(1)!;
    assert.equal(headers?.['authorization'], '[redacted]');
    assert.equal(headers?.['mcp-session-id'], '[redacted]');
  });

  it('follows a call through its input rounds', () => {
    const first = { name: 'invoke', arguments: {}, _meta: meta };
    call(modern, first, {
      resultType: 'input_required',
      inputRequests: { consent: { method: 'elicitation/create', params: {} } },
      requestState: 'opaque',
    });
    const answer = { consent: { action: 'accept' } };
    call(modern, { ...first, inputResponses: answer, requestState: 'opaque' }, { ...fine, resultType: 'complete' });
    assert.equal(recorder.summary(1)?.note, 'asks for input: elicitation/create');
    assert.deepEqual([recorder.summary(1)?.nextRound, recorder.summary(3)?.previousRound], [3, 1]);
    assert.deepEqual(findings(1), [
      'info response result.inputRequests.consent: It asks the client for input with "elicitation/create".',
      'info response -: The client answered with another request.',
    ]);
    assert.deepEqual(findings(3), [
      'info request params.inputResponses: It gives the input that was asked for: "consent".',
      'info request -: It goes on with an earlier request that asked for input.',
    ]);
  });

  it('knows what results must be like', () => {
    call(modern, { name: 'x', _meta: meta }, { content: [{ type: 'image', data: 'x' }, { type: 'video' }] });
    assert.deepEqual(findings(1), [
      'warning response result: Since 2026-07-28 every result must say its "resultType"; clients take it as "complete".',
      'error response result.content[0]: Content of this type must have "mimeType".',
      'error response result.content[1]: There is no content of the type "video".',
    ]);
    call(modern, { name: 'x', _meta: meta }, { resultType: 'soon' });
    assert.match(findings(3)[0] ?? '', /Clients must refuse the unknown type/);
  });

  it('holds calls to the schemas of the latest list of tools', async () => {
    const channel = recorder.openChannel(legacy);
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const inputSchema = {
      type: 'object',
      properties: { name: {}, limit: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } },
      required: ['name'],
      additionalProperties: false,
    };
    const outputSchema = { type: 'object', properties: { truncated: { type: 'boolean' } }, required: ['truncated'] };
    channel.message('serverToClient', {
      jsonrpc: '2.0',
      id: 1,
      result: { tools: [{ name: 'x', inputSchema, outputSchema }] },
    });
    const texts = async (seq: number): Promise<string[]> =>
      (await checkSchemas(exchange(seq))).map(({ message, path, text }) => `${message} ${path ?? '-'}: ${text}`);
    call(
      legacy,
      { name: 'x', arguments: { name: 'a', limit: 1 } },
      { ...fine, structuredContent: { truncated: true } },
    );
    assert.deepEqual(await texts(3), []);
    call(
      legacy,
      { name: 'x', arguments: { limit: 'many', tags: ['a', 1], 'a/b': 1 } },
      { ...fine, structuredContent: {} },
    );
    assert.deepEqual(await texts(5), [
      "request params.arguments: The input schema says that it must have required property 'name'.",
      'request params.arguments: The input schema says that it must NOT have additional properties.',
      'request params.arguments.limit: The input schema says that it must be integer.',
      'request params.arguments.tags[1]: The input schema says that it must be string.',
      "response result.structuredContent: The output schema says that it must have required property 'truncated'.",
    ]);
    call(legacy, { name: 'x', arguments: { name: 'a' } }, fine);
    assert.deepEqual(findings(7), [
      'error response result: The tool declares an output schema, so its result must have "structuredContent".',
    ]);
  });

  it('comes to an end with schemas that are made for the opposite, and with broken ones', async () => {
    const channel = recorder.openChannel(legacy);
    channel.message('clientToServer', { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const tools = [
      { name: 'slow', inputSchema: { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } } },
      { name: 'broken', inputSchema: { type: 'object', properties: { a: { $ref: 'https://example.com/schema' } } } },
    ];
    channel.message('serverToClient', { jsonrpc: '2.0', id: 1, result: { tools } });
    for (const { name } of tools) {
      const seq = recorder.extent.nextSeq;
      call(legacy, { name, arguments: { a: `${'a'.repeat(60)}b` } });
      const [finding] = await checkSchemas(exchange(seq));
      assert.equal(finding?.severity, 'warning');
      assert.match(finding.text, /^The input schema of the tool cannot be used/);
    }
  });

  it('never throws, whatever passes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.constantFrom(legacy, modern), (params, result, info) => {
        const channel = recorder.openChannel(info);
        for (const method of ['tools/call', 'initialize', 'tools/list', 'x']) {
          const seq = recorder.extent.nextSeq;
          channel.message('clientToServer', { jsonrpc: '2.0', id: seq, method, params });
          channel.message('serverToClient', { jsonrpc: '2.0', id: seq, result });
          checkExchange(exchange(seq));
          channel.message('serverToClient', { jsonrpc: '2.0', id: seq, error: result });
          checkExchange(exchange(seq + 2));
        }
      }),
    );
  });
});
