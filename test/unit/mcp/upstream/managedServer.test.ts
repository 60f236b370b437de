import * as assert from 'node:assert/strict';
import { WorkbenchError } from '../../../../src/core/errors';
import { parseManagedServer } from '../../../../src/mcp/upstream/managedServer';
import { RestartPolicy } from '../../../../src/mcp/upstream/restartPolicy';
import { serverEnvironment } from '../../../../src/mcp/upstream/serverProcess';
import { windowsTarget } from '../../../../src/mcp/upstream/windowsCommand';

describe('parseManagedServer', () => {
  it('fills in what has a default', () => {
    assert.deepEqual(parseManagedServer({ name: 'a', transport: 'stdio', command: 'npx' }), {
      name: 'a',
      transport: 'stdio',
      command: 'npx',
      args: [],
      env: {},
    });
    assert.deepEqual(parseManagedServer({ name: 'a', transport: 'sse', url: 'https://example.com/sse' }), {
      name: 'a',
      transport: 'sse',
      url: 'https://example.com/sse',
      headers: {},
      auth: { kind: 'none' },
    });
  });

  for (const [what, wrong] of [
    ['a name that does not fit into a path', { name: '../mcp', transport: 'stdio', command: 'x' }],
    ['an address of a file', { name: 'a', transport: 'http', url: 'file:///etc/passwd' }],
    ['a password in an address', { name: 'a', transport: 'http', url: 'https://u:p@example.com' }],
    [
      'a header name with a line end',
      { name: 'a', transport: 'http', url: 'https://x.test', headers: { 'a\r\nb': '1' } },
    ],
    ['members that nobody knows', { name: 'a', transport: 'stdio', command: 'x', shell: true }],
    [
      'a service that is not signed so',
      {
        name: 'a',
        transport: 'http',
        url: 'https://x.test',
        auth: { kind: 'sigv4', service: 's3', region: 'eu-west-1' },
      },
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseManagedServer(wrong),
        (error) => WorkbenchError.is(error, 'InvalidInput'),
      );
    });
  }
});

describe('serverEnvironment', () => {
  it('gives a server what the editor has, without what is the editor’s alone', () => {
    const own = { PATH: '/bin', VSCODE_PID: '1', ELECTRON_RUN_AS_NODE: '1', MCP_WORKBENCH_TOKEN: 't', A: '1', B: '2' };
    assert.deepEqual(serverEnvironment(own, { A: null, B: '3', C: '4' }), { PATH: '/bin', B: '3', C: '4' });
  });
});

describe('RestartPolicy', () => {
  it('starts again at once after one crash, later after more, and no more after five', () => {
    const policy = new RestartPolicy();
    const delays: number[] = [];
    for (let crash = 0; crash < 5; crash++) {
      policy.noteCrash(1000);
      delays.push(policy.delayMs(1000));
    }
    assert.deepEqual(delays, [0, 250, 500, 1000, 2000]);
    assert.equal(policy.isLooping, true);
    assert.equal(policy.delayMs(70_000), 0);
    policy.noteCrash(70_000);
    assert.equal(policy.isLooping, false);
  });
});

describe('windowsTarget', () => {
  const env = { Path: 'C:\\tools;C:\\node', PATHEXT: '.EXE;.CMD', ComSpec: 'C:\\cmd.exe' };

  it('starts programs directly', () => {
    const exists = (file: string): boolean => file === 'C:\\tools\\uvx.exe';
    assert.deepEqual(windowsTarget('uvx', ['a b'], env, exists), { command: 'C:\\tools\\uvx.exe', args: ['a b'] });
  });

  it('lets the command interpreter run scripts, with arguments that cannot become commands', () => {
    const exists = (file: string): boolean => file === 'C:\\node\\npx.cmd';
    assert.deepEqual(windowsTarget('npx', ['-y', 'a&b"c\\'], env, exists), {
      command: 'C:\\cmd.exe',
      args: ['/d', '/s', '/c', '"C:\\node\\npx.cmd ^^^"-y^^^" ^^^"a^^^&b\\^^^"c\\\\^^^""'],
      windowsVerbatimArguments: true,
    });
  });
});
