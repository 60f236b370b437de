import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { runCredentialProcess } from '../../../src/aws/credentialProcess';
import { WorkbenchError, type ErrorCode } from '../../../src/core/errors';
import { UserHome } from './userHome';

describe('runCredentialProcess', () => {
  let home: UserHome;
  beforeEach(() => (home = new UserHome()));
  afterEach(() => home.dispose());

  /** A program of that source, in a folder with a space, as a user would write it into the config file. */
  function command(source: string): string {
    const folder = path.join(home.folder, 'my tools');
    fs.mkdirSync(folder, { recursive: true });
    const script = path.join(folder, 'credentials.cjs');
    fs.writeFileSync(script, source);
    return `"${process.execPath}" "${script}" --secret=hunter2hunter2`;
  }

  function run(source: string, signal: AbortSignal = new AbortController().signal) {
    return runCredentialProcess('tool', command(source), home.environment({ MARK: 'seen' }).env, signal);
  }

  const print = (value: object): string => `console.log(${JSON.stringify(JSON.stringify(value))})`;

  it('reads the credentials that the program prints, with the given variables', async () => {
    const source = `console.error('noise'); console.log(JSON.stringify({ Version: 1, AccessKeyId: process.env.MARK,
      SecretAccessKey: 'b', SessionToken: 'c', Expiration: '2099-01-01T00:00:00Z', AccountId: '111122223333' }))`;
    assert.deepEqual(await run(source), {
      accessKeyId: 'seen',
      secretAccessKey: 'b',
      sessionToken: 'c',
      expiration: new Date('2099-01-01T00:00:00Z'),
      accountId: '111122223333',
    });
  });

  const bad: [what: string, source: string, code: ErrorCode, says: RegExp][] = [
    [
      'a failure',
      `console.error('first'); console.error('no session'); process.exit(3)`,
      'SignInRequired',
      /exit code 3: no session/,
    ],
    ['no JSON', `console.log('hello')`, 'InvalidInput', /JSON/],
    ['another version', print({ Version: 2, AccessKeyId: 'a', SecretAccessKey: 'b' }), 'InvalidInput', /Version 1/],
    ['no secret', print({ Version: 1, AccessKeyId: 'a' }), 'InvalidInput', /SecretAccessKey/],
    [
      'a strange date',
      print({ Version: 1, AccessKeyId: 'a', SecretAccessKey: 'b', Expiration: 'soon' }),
      'InvalidInput',
      /Expiration/,
    ],
    [
      'the past',
      print({ Version: 1, AccessKeyId: 'a', SecretAccessKey: 'b', Expiration: '2020-01-01T00:00:00Z' }),
      'SignInRequired',
      /expired/,
    ],
    ['too much', `process.stdout.write('x'.repeat(1e6)); setInterval(() => {}, 1000)`, 'InvalidInput', /too much/],
  ];
  for (const [what, source, code, says] of bad) {
    it(`says what is wrong with ${what}, and never the command or what it printed`, async () => {
      await assert.rejects(run(source), (error) => {
        assert.ok(WorkbenchError.is(error, code), String(error));
        assert.match(error.message, says);
        assert.match(error.message, /profile tool/);
        assert.doesNotMatch(error.message, /hunter2|hello/);
        return true;
      });
    });
  }

  it('says so where there is no such program', async () => {
    await assert.rejects(
      runCredentialProcess('tool', '/nonexistent/program', home.environment().env, new AbortController().signal),
      (error) => error instanceof WorkbenchError && /credential_process of profile tool failed/.test(error.message),
    );
  });

  it('ends the program, and what that started, when nobody waits any more', async function () {
    if (process.platform === 'win32') return;
    const marker = path.join(home.folder, 'pids');
    const controller = new AbortController();
    const source = `const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      require('fs').writeFileSync(${JSON.stringify(marker)}, process.pid + ' ' + child.pid); setInterval(() => {}, 1000)`;
    const running = run(source, controller.signal);
    while (!fs.existsSync(marker) || fs.readFileSync(marker, 'utf8') === '') await tick();
    controller.abort();
    await assert.rejects(running, (error) => WorkbenchError.is(error, 'Cancelled'));
    for (const pid of fs.readFileSync(marker, 'utf8').split(' ').map(Number)) {
      while (isRunning(pid)) await tick();
    }
  });
});

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

/** A process that has ended and that nobody has asked about yet counts as ended. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
