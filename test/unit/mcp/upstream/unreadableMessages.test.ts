import * as assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WireRecord } from '../../../../src/traffic/wireRecord';
import { startTestHost } from '../testWorkbench';
import { call, modernCall, rawServer, RelayRig } from './relayRig';

const notUtf8 = Buffer.from([0xff, 0xfe, 0xc0]);

function rawOf(records: readonly (WireRecord | undefined)[]): [direction: string, bytes: string, body: string][] {
  return records.flatMap((record) =>
    record?.isRaw ? [[record.direction, Buffer.from(record.raw ?? '', 'base64').toString('latin1'), record.body]] : [],
  );
}

describe('bytes that are no message', () => {
  const opened: { close(): unknown }[] = [];

  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  it('of a server over stdio are recorded where they came, in both eras', async () => {
    const rig = await RelayRig.start(rawServer('--modern'));
    opened.push(rig);
    const said: ReturnType<typeof rawOf> = [
      ['serverToClient', 'this is no message', '"this is no message"'],
      ['serverToClient', '{"half":', '"{\\"half\\":"'],
      ['serverToClient', '42', '"42"'],
    ];
    const session = await rig.begin();
    await rig.post(call('1', 'garbage'), session);
    assert.deepEqual(rawOf(rig.records), said);
    const { body, headers } = modernCall('2', 'garbage');
    await rig.post(body, headers);
    assert.deepEqual(rawOf(rig.records), [...said, ...said]);
  });

  it('of a server over HTTP are recorded, and pass as they are', async () => {
    const answer = Buffer.concat([
      Buffer.from('{"jsonrpc":"2.0","id":1,"result":{"text":"'),
      notUtf8,
      Buffer.from('"}}'),
    ]);
    const answers = [answer, Buffer.from('not json')];
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(answers.shift());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push({ close: () => (server.closeAllConnections(), server.close()) });
    const { port } = server.address() as AddressInfo;
    const rig = await RelayRig.start({ name: 'web', transport: 'http', url: `http://127.0.0.1:${port}/mcp` });
    opened.unshift(rig);
    const { body, headers } = modernCall('1', 'x');
    await rig.post(body, headers);
    assert.equal((await rig.post(body, headers)).text, 'not json');
    const [first, second] = rawOf(rig.records);
    assert.equal(first?.[1], answer.toString('latin1'));
    assert.match(first[2], /^\{"jsonrpc"/);
    assert.deepEqual(second, ['serverToClient', 'not json', '"not json"']);
  });

  it('of a client are recorded together with how they are refused, without secrets', async () => {
    const test = await startTestHost();
    opened.push({ close: () => test.dispose() });
    const body = Buffer.concat([Buffer.from('{"token":"very-secret","x":"'), notUtf8, Buffer.from('"}')]);
    const status = await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${test.token}`, 'content-type': 'application/json' };
      const request = httpRequest(test.url, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.end(body);
    });
    assert.equal(status, 400);
    const [request, answer] = [test.recorder.get(1), test.recorder.get(2)];
    const expected = body.toString('latin1').replace('very-secret', '[redacted]');
    assert.equal(Buffer.from(request?.raw ?? '', 'base64').toString('latin1'), expected);
    assert.equal(request?.headers?.['authorization'], '[redacted]');
    assert.equal(answer?.headers?.[':status'], '400');
    assert.match(answer.body, /-32700/);
    assert.ok(!JSON.stringify([request, answer]).includes('very-secret'));
  });
});
