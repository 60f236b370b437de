import { silentLogger } from '../../../../src/core/logger';
import { AuditLog } from '../../../../src/tools/audit/auditLog';

// A process that writes calls into the log in the folder that it is given: so many, or `die` in the middle of one.
const [, , folder = '', name = '', count = ''] = process.argv;
const log = new AuditLog({ folder, version: '0', logger: silentLogger, maxFileBytes: 8000 });
const base = { client: 'test', session: name, tool: 'lambda_invoke_function', access: 'write' } as const;

async function main(): Promise<void> {
  if (count === 'die') {
    await log.append({ ...base, phase: 'started', callId: `${name}-write` }, false);
    await log.append({ ...base, phase: 'agreed', callId: `${name}-write` }, true);
    process.kill(process.pid, 'SIGKILL');
    return;
  }
  for (let index = 0; index < Number(count); index++) {
    await log.append({ ...base, phase: 'started', callId: `${name}-${index}` }, true);
    await log.append({ ...base, phase: 'ended', callId: `${name}-${index}`, outcome: 'ok' }, false);
  }
  await log.close();
}

void main();
