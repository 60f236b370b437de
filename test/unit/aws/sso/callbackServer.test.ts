import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { silentLogger } from '../../../../src/core/logger';
import { startCallbackServer, type CallbackServer } from '../../../../src/aws/sso/callbackServer';

const state = 'expected-state';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

describe('startCallbackServer', () => {
  let server: CallbackServer;
  let isTaken: boolean;

  beforeEach(async () => {
    server = await startCallbackServer({ state, logger: silentLogger });
    isTaken = false;
    void server.callback.then(() => (isTaken = true));
  });

  afterEach(() => server.close());

  const ask = (query: string, options: { method?: string; host?: string; path?: string } = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { port, host, pathname } = new URL(server.redirectUri);
      const request = httpRequest(
        {
          port,
          host: '127.0.0.1',
          method: options.method ?? 'GET',
          path: `${options.path ?? pathname}${query}`,
          headers: { host: options.host ?? host },
        },
        (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (body += chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        },
      );
      request.on('error', reject);
      request.end();
    });

  it('takes a code with our state, and shows the browser what became of it', async () => {
    const answer = ask(`?code=the-code&state=${state}`);
    const callback = await server.callback;
    assert.deepEqual(callback.outcome, { kind: 'code', code: 'the-code' });
    await callback.answer({ title: 'Signed in to <b>"acme"</b>', message: 'a & b', isSuccess: true });
    const { status, headers, body } = await answer;
    assert.equal(status, 200);
    assert.ok(body.includes('Signed in to &#60;b&#62;&#34;acme&#34;&#60;/b&#62;') && body.includes('a &#38; b'));
    assert.ok(!body.includes('the-code'));
    assert.match(String(headers['content-security-policy']), /^default-src 'none'; style-src 'sha256-/);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    assert.ok(!/<script|src=|href=/i.test(body));
  });

  for (const [what, query, options, status] of [
    ['another state', '?code=c&state=wrong', {}, 400],
    ['a state that begins like ours', `?code=c&state=${state.slice(0, -1)}`, {}, 400],
    ['no state', '?code=c', {}, 400],
    ['no code', `?state=${state}`, {}, 400],
    ['an empty code', `?code=&state=${state}`, {}, 400],
    ['two codes', `?code=a&code=b&state=${state}`, {}, 400],
    ['two states', `?code=a&state=x&state=${state}`, {}, 400],
    ['an error with another state', '?error=access_denied&state=wrong', {}, 400],
    ['another path', `?code=c&state=${state}`, { path: '/oauth/callback/..%2f' }, 404],
    ['a file', '', { path: '/../../etc/passwd' }, 404],
    ['a POST', `?code=c&state=${state}`, { method: 'POST' }, 405],
    ['the name localhost', `?code=c&state=${state}`, { host: 'localhost' }, 400],
    ['a name that points here', `?code=c&state=${state}`, { host: 'evil.example' }, 400],
  ] as const) {
    it(`refuses ${what} and goes on waiting`, async () => {
      assert.equal((await ask(query, options)).status, status);
      assert.equal(isTaken, false);
    });
  }

  it('takes an error, without its state too, and never repeats what it says unchecked', async () => {
    void ask('?error=access_denied');
    assert.deepEqual((await server.callback).outcome, { kind: 'error', error: 'access_denied' });
    server.close();
    server = await startCallbackServer({ state, logger: silentLogger });
    void ask(`?error=${encodeURIComponent('<script>')}&state=${state}`);
    assert.deepEqual((await server.callback).outcome, { kind: 'error', error: 'unknown_error' });
  });

  it('takes one callback only', async () => {
    const first = ask(`?code=one&state=${state}`);
    const { outcome, answer } = await server.callback;
    const second = await ask(`?code=two&state=${state}`);
    assert.equal(second.status, 200);
    assert.match(second.body, /already on its way/);
    await answer({ title: 'x', message: 'y', isSuccess: false });
    assert.equal((await first).status, 400);
    assert.deepEqual(outcome, { kind: 'code', code: 'one' });
  });

  it('closes its port with a browser still connected', async () => {
    const answer = ask(`?code=c&state=${state}`);
    await server.callback;
    server.close();
    await assert.rejects(answer);
    await assert.rejects(ask('?'));
  });

  it('does not wait for a browser that is gone', async () => {
    const { port, host, pathname } = new URL(server.redirectUri);
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path: `${pathname}?code=c&state=${state}`,
      headers: { host },
    });
    request.on('error', () => undefined);
    request.end();
    const callback = await server.callback;
    request.destroy();
    await callback.answer({ title: 'x', message: 'y', isSuccess: true });
  });
});
