/**
 * Runs one command and ties its life to the process that asked for it.
 *
 * Started by `processGroup.ts` as the leader of a new process group. File descriptor 3 is a pipe whose other end the asking
 * process holds: when that process ends in any way, even by SIGKILL, the pipe closes and everything started here is killed.
 * Without this, a test run that is cut short leaves emulators, editors and Lambda workers behind.
 */
import { spawn, spawnSync } from 'node:child_process';
import { Socket } from 'node:net';

const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: 'inherit', windowsHide: true });

function killGroup() {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
    process.exit(1);
  }
  process.kill(-process.pid, 'SIGKILL');
}

// A polite signal goes to the whole group, the child included; the guard itself stays to hand on the child's exit code.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});

const lifeline = new Socket({ fd: 3, readable: true, writable: false });
lifeline.on('close', killGroup);
lifeline.on('error', killGroup);
lifeline.resume();

child.on('error', (error) => {
  process.stderr.write(`${command}: ${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 143)));
