import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { silentLogger } from '../../../../src/core/logger';
import { EditorAudit } from '../../../../src/editor/audit/editorAudit';
import { AuditLog } from '../../../../src/tools/audit/auditLog';
import type { AuditEntry } from '../../../../src/tools/audit/auditRecord';
import { verifyAudit } from '../../../../src/tools/audit/auditReader';

const entry: AuditEntry = { phase: 'started', callId: 'c1', client: 'agent', session: 's1', tool: 's3_list_buckets' };

describe('EditorAudit', () => {
  let parent: string;
  let folder: string;
  let problems: string[];
  let audit: EditorAudit;

  beforeEach(async () => {
    parent = await fs.mkdtemp(path.join(os.tmpdir(), 'mcpw-audit-'));
    folder = path.join(parent, 'storage', 'audit');
    problems = [];
    audit = new EditorAudit({
      open: () => Promise.resolve(new AuditLog({ folder, version: '1.0.0', logger: silentLogger })),
      onProblem: ({ message }) => problems.push(message),
    });
  });

  afterEach(async () => {
    await audit.close();
    await fs.rm(parent, { recursive: true, force: true });
  });

  it('makes no folder before something is recorded', async () => {
    await assert.rejects(fs.stat(folder), { code: 'ENOENT' });
    await audit.close();
    await assert.rejects(fs.stat(folder), { code: 'ENOENT' });
  });

  it('records, and says that it did', async () => {
    let count = 0;
    audit.onDidChange(() => count++);
    await Promise.all([audit.append(entry, false), audit.append({ ...entry, phase: 'ended', outcome: 'ok' }, true)]);
    assert.equal(count, 2);
    const { isIntact, records } = await verifyAudit(folder);
    assert(isIntact);
    // The first record of a file says which process wrote it.
    assert.equal(records, 3);
  });

  it('tells the user once that it cannot record, and again after it could', async () => {
    await fs.mkdir(path.dirname(folder), { recursive: true });
    for (let round = 1; round <= 2; round++) {
      await fs.rm(folder, { recursive: true, force: true });
      await fs.writeFile(folder, 'in the way');
      for (let call = 0; call < 3; call++) await assert.rejects(audit.append(entry, true), { code: 'Internal' });
      assert.equal(problems.length, round);
      await fs.rm(folder);
      await audit.append(entry, true);
    }
  });

  it('takes nothing after it was closed', async () => {
    await audit.close();
    await assert.rejects(audit.append(entry, true), { code: 'Internal' });
    assert.deepEqual(problems, []);
  });
});
