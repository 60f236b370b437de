import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { WorkbenchError } from '../../../../src/core/errors';
import { silentLogger } from '../../../../src/core/logger';
import { AuditLog, type AuditLogOptions } from '../../../../src/tools/audit/auditLog';
import { exportAuditCalls, readAuditCalls, verifyAudit } from '../../../../src/tools/audit/auditReader';
import { hashOf, type AuditEntry } from '../../../../src/tools/audit/auditRecord';
import { makeTemporaryFolder, removeFolder } from '../../../../scripts/toolbox/cache';

const base: AuditEntry = {
  phase: 'started',
  callId: 'call-1',
  client: 'copilot 1.0',
  session: 'c1',
  tool: 's3_list_buckets',
  access: 'read',
};

describe('the audit log', () => {
  let parent: string;
  let folder: string;
  const logs: AuditLog[] = [];

  beforeEach(() => {
    parent = makeTemporaryFolder();
    folder = path.join(parent, 'state', 'audit');
  });

  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close();
    await removeFolder(parent);
  });

  function open(options: Partial<AuditLogOptions> = {}): AuditLog {
    const log = new AuditLog({ folder, version: '1.2.3', logger: silentLogger, ...options });
    logs.push(log);
    return log;
  }

  async function record(log: AuditLog, callId: string, more: Partial<AuditEntry> = {}): Promise<void> {
    await log.append({ ...base, callId, ...more }, false);
    await log.append({ ...base, callId, ...more, phase: 'ended', outcome: more.outcome ?? 'ok' }, false);
  }

  function files(): string[] {
    return fs.readdirSync(folder).sort();
  }

  function linesOf(file: string): string[] {
    return fs.readFileSync(path.join(folder, file), 'utf8').split('\n').slice(0, -1);
  }

  function rewrite(file: string, change: (text: string) => string): void {
    const name = path.join(folder, file);
    fs.writeFileSync(name, change(fs.readFileSync(name, 'utf8')));
  }

  it('writes one JSON line for each record, each with the hash of the one before', async () => {
    const log = open({ now: () => Date.UTC(2026, 10, 20, 9, 30) });
    await record(log, 'a');
    await record(log, 'b');
    const [name = ''] = files();
    assert.equal(files().length, 1);
    const records = linesOf(name).map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      records.map(({ seq, phase, callId, time }) => [seq, phase, callId, time]),
      [
        [0, 'opened', undefined, '2026-11-20T09:30:00.000Z'],
        [1, 'started', 'a', '2026-11-20T09:30:00.000Z'],
        [2, 'ended', 'a', '2026-11-20T09:30:00.000Z'],
        [3, 'started', 'b', '2026-11-20T09:30:00.000Z'],
        [4, 'ended', 'b', '2026-11-20T09:30:00.000Z'],
      ],
    );
    records.forEach((each, index) => {
      assert.equal(each['hash'], hashOf(each));
      assert.equal(each['prev'], index === 0 ? '0'.repeat(64) : records[index - 1]?.['hash']);
    });
    assert.deepEqual(log.head, { chain: records[0]?.['chain'], seq: 4, hash: records[4]?.['hash'] });
    assert.deepEqual((await verifyAudit(folder)).heads, [log.head]);
  });

  it('is for its user only', async () => {
    if (process.platform === 'win32') return;
    await record(open(), 'a');
    const [name = ''] = files();
    assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
    assert.equal(fs.statSync(path.join(folder, name)).mode & 0o777, 0o600);
  });

  it('begins new files by size, goes on with the chain, and deletes the oldest', async () => {
    const log = open({ maxFileBytes: 2000, maxFiles: 3 });
    for (let index = 0; index < 40; index++) await record(log, `call-${index}`);
    assert.equal(files().length, 3);
    const verification = await verifyAudit(folder);
    assert.deepEqual(verification.problems, []);
    assert.equal(verification.isIntact, true);
    assert.equal(verification.heads[0]?.hash, log.head.hash);
    const { calls } = await readAuditCalls(folder);
    assert.equal(calls[0]?.callId, 'call-39');
  });

  it('deletes no file that a running process may still write', async () => {
    const idle = open({ maxFiles: 2 });
    await record(idle, 'idle-1');
    const busy = open({ maxFileBytes: 500, maxFiles: 2 });
    for (let index = 0; index < 10; index++) await record(busy, `busy-${index}`);
    await record(idle, 'idle-2');
    const { calls } = await readAuditCalls(folder, { text: 'idle' });
    assert.deepEqual(calls.map(({ callId }) => callId).sort(), ['idle-1', 'idle-2']);
  });

  it('holds for many records at the same time, from several writers', async () => {
    const writers = [open(), open({ maxFileBytes: 3000 }), open()];
    await Promise.all(
      writers.flatMap((log, writer) => Array.from({ length: 100 }, (_, index) => record(log, `${writer}-${index}`))),
    );
    const { isIntact, problems, heads } = await verifyAudit(folder);
    assert.deepEqual([isIntact, problems, heads.length], [true, [], 3]);
    const { calls } = await readAuditCalls(folder, {}, { limit: 1000 });
    assert.equal(calls.length, 300);
    assert.ok(calls.every(({ state }) => state === 'ok'));
  });

  it('holds for several processes that write at the same time', async function () {
    this.timeout(30_000);
    const script = path.join(import.meta.dirname, 'writeAudit.ts');
    const children = ['x', 'y', 'z'].map((name) =>
      spawn(process.execPath, ['--import', 'tsx', script, folder, name, '50'], { stdio: 'inherit' }),
    );
    const codes = await Promise.all(children.map(async (child) => ((await once(child, 'close')) as [number])[0]));
    assert.deepEqual(codes, [0, 0, 0]);
    const { isIntact, heads } = await verifyAudit(folder);
    assert.deepEqual([isIntact, heads.length], [true, 3]);
    assert.equal((await readAuditCalls(folder, {}, { limit: 1000 })).calls.length, 150);
  });

  it('reads what a process wrote that was killed, and tells what it left unfinished', async function () {
    this.timeout(30_000);
    const script = path.join(import.meta.dirname, 'writeAudit.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, folder, 'k', 'die'], { stdio: 'inherit' });
    await once(child, 'close');
    const { calls } = await readAuditCalls(folder);
    assert.deepEqual(
      calls.map(({ callId, state }) => [callId, state]),
      [['k-write', 'unfinished']],
    );
    assert.equal((await verifyAudit(folder)).isIntact, true);
  });

  describe('is checked', () => {
    let name: string;

    beforeEach(async () => {
      const log = open();
      for (const callId of ['a', 'b', 'c']) await record(log, callId);
      await log.close();
      [name = ''] = files();
    });

    async function kinds(): Promise<string[]> {
      const { isIntact, problems } = await verifyAudit(folder);
      const found = [...new Set(problems.map(({ kind }) => kind))];
      assert.equal(
        isIntact,
        found.every((kind) => kind === 'torn' || kind === 'lost'),
      );
      return found;
    }

    it('and holds', async () => {
      assert.deepEqual(await kinds(), []);
    });

    it('and a changed record is found', async () => {
      rewrite(name, (text) => text.replace('"callId":"b"', '"callId":"x"'));
      assert.deepEqual(await kinds(), ['changed']);
    });

    it('and an added member is found', async () => {
      rewrite(name, (text) => text.replace('"callId":"b"', '"callId":"b","note":"approved"'));
      assert.deepEqual(await kinds(), ['changed']);
    });

    it('and a missing record is found', async () => {
      rewrite(name, (text) => text.split('\n').toSpliced(3, 1).join('\n'));
      assert.deepEqual(await kinds(), ['missing']);
    });

    it('and records in another order are found', async () => {
      rewrite(name, (text) => {
        const lines = text.split('\n');
        [lines[2], lines[3]] = [lines[3] ?? '', lines[2] ?? ''];
        return lines.join('\n');
      });
      assert.deepEqual(await kinds(), ['missing']);
    });

    it('and a missing beginning is found', async () => {
      rewrite(name, (text) => text.split('\n').slice(2).join('\n'));
      assert.ok((await kinds()).includes('missing'));
    });

    it('and a record made up anew is found, unless all that follow are made up too', async () => {
      rewrite(name, (text) => {
        const lines = text.split('\n');
        const { hash: _hash, ...forged } = JSON.parse(lines[2] ?? '') as Record<string, unknown>;
        forged['tool'] = 'nothing_to_see';
        lines[2] = JSON.stringify({ ...forged, hash: hashOf(forged) });
        return lines.join('\n');
      });
      assert.deepEqual(await kinds(), ['missing']);
    });

    it('and a line that is no record is found, and the others are read all the same', async () => {
      rewrite(name, (text) => text.replace(/\n/, '\n{"phase":"ended"}\n'));
      assert.ok((await kinds()).includes('broken'));
      const { calls, problems } = await readAuditCalls(folder);
      assert.equal(calls.length, 3);
      assert.deepEqual(
        problems.map(({ kind, line }) => [kind, line]),
        [['broken', 2]],
      );
    });

    it('and a torn last line is told but no change', async () => {
      rewrite(name, (text) => text.slice(0, -20));
      assert.deepEqual(await kinds(), ['torn']);
      const { calls } = await readAuditCalls(folder);
      assert.deepEqual(calls.map(({ callId, state }) => `${callId} ${state}`).sort(), ['a ok', 'b ok', 'c unfinished']);
    });
  });

  describe('that cannot be written', () => {
    it('says so with a remedy, goes on when it can be, and says what was lost', async () => {
      const warnings: string[] = [];
      const log = open({ logger: { ...silentLogger, warn: (message) => warnings.push(message) } });
      await record(log, 'before');
      fs.rmSync(folder, { recursive: true });
      fs.writeFileSync(folder, 'a file where the folder should be');
      for (const isDurable of [true, false]) {
        await assert.rejects(log.append({ ...base, callId: 'lost' }, isDurable), (error) => {
          assert.ok(WorkbenchError.is(error));
          assert.ok(error.remedy.includes(folder));
          return true;
        });
      }
      assert.equal(warnings.length, 1, 'said once');
      fs.rmSync(folder);
      await record(log, 'after');
      const { calls } = await readAuditCalls(folder);
      assert.deepEqual(
        calls.map(({ callId }) => callId),
        ['after'],
      );
      const { problems, isIntact } = await verifyAudit(folder);
      assert.deepEqual(
        problems.map(({ kind, message }) => [kind, message]),
        [['lost', '2 records could not be written before this one.']],
      );
      assert.equal(isIntact, true);
    });

    it('refuses what comes after it was closed', async () => {
      const log = open();
      await log.close();
      await assert.rejects(log.append(base, false));
      assert.equal(fs.existsSync(folder), false);
    });

    it('takes no file that is deleted under it for one that is written', async () => {
      const log = open();
      await record(log, 'a');
      const [name = ''] = files();
      fs.rmSync(path.join(folder, name));
      await record(log, 'b');
      assert.deepEqual(
        (await readAuditCalls(folder)).calls.map(({ callId }) => callId),
        ['b'],
      );
    });
  });

  describe('is read', () => {
    beforeEach(async () => {
      let now = Date.UTC(2026, 10, 20);
      const log = open({ now: () => (now += 1000) });
      const identity = { account: '123456789012', role: 'Dev', region: 'eu-west-1', profile: 'dev' };
      await record(log, 'a', { identity, resources: ['arn:aws:s3:::data/a'] });
      await record(log, 'b', { tool: 'lambda_invoke_function', access: 'write', client: 'claude' });
      await record(log, 'c', { outcome: 'error', errorCode: 'PolicyDenied' });
      await log.append({ ...base, callId: 'd', phase: 'refused', errorCode: 'ConsentRefused' }, false);
    });

    for (const [title, filter, expected] of [
      ['whole', {}, 'dcba'],
      ['by client', { client: 'CLAUDE' }, 'b'],
      ['by tool', { tool: 'invoke' }, 'b'],
      ['by access', { access: ['write', 'destructive'] }, 'b'],
      ['by outcome', { state: ['error', 'refused'] }, 'dc'],
      ['by error', { errorCode: 'policydenied' }, 'c'],
      ['by account', { account: '123456789012' }, 'a'],
      ['by resource', { resource: ':data/' }, 'a'],
      ['by text', { text: 'lambda' }, 'b'],
      ['since a time', { since: '2026-11-20T00:00:05.000Z' }, 'dc'],
      ['until a time', { until: '2026-11-20T00:00:03.000Z' }, 'a'],
      ['where nothing is', { text: 'nothing of that kind' }, ''],
    ] as const) {
      it(title, async () => {
        const { calls } = await readAuditCalls(folder, filter);
        assert.equal(calls.map(({ callId }) => callId).join(''), expected);
      });
    }

    it('in pages that lose and repeat nothing, also when calls come in between', async () => {
      const seen: string[] = [];
      let cursor: string | undefined;
      const later = open();
      do {
        const page = await readAuditCalls(folder, {}, { limit: 1, cursor });
        seen.push(...page.calls.map(({ callId }) => callId));
        cursor = page.nextCursor;
        await record(later, `later-${seen.length}`);
      } while (cursor !== undefined);
      assert.deepEqual(seen, ['d', 'c', 'b', 'a']);
    });

    it('by no cursor of another kind', async () => {
      for (const cursor of ['', 'x', Buffer.from('[1,2]').toString('base64url')]) {
        await assert.rejects(readAuditCalls(folder, {}, { cursor }), (error) =>
          WorkbenchError.is(error, 'InvalidInput'),
        );
      }
    });

    it('for export, oldest first, as JSON lines', async () => {
      const lines: string[] = [];
      for await (const line of exportAuditCalls(folder, { state: ['ok'] })) lines.push(line);
      assert.deepEqual(
        lines.map((line) => (JSON.parse(line) as { callId: string }).callId),
        ['a', 'b'],
      );
    });

    it('where there is none', async () => {
      const nowhere = path.join(parent, 'nowhere');
      assert.deepEqual(await readAuditCalls(nowhere), { calls: [], problems: [] });
      assert.equal((await verifyAudit(nowhere)).isIntact, true);
    });
  });
});
