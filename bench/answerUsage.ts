import type { ServerUsage } from './ourServer';

/** In a server of ours: answers each line on standard input with what the process uses, and calls `onEnd` at its end. */
export function answerUsage(onEnd: () => void): void {
  process.stdin.on('data', (line: Buffer) => {
    if (line.includes('clean')) globalThis.gc?.();
    const usage: ServerUsage = { memory: process.memoryUsage(), cpu: process.cpuUsage() };
    process.stdout.write(`${JSON.stringify(usage)}\n`);
  });
  process.stdin.on('end', onEnd);
}
