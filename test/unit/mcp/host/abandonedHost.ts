import { startTestHost } from '../testWorkbench';

/** Listens, says where, and ends without closing anything. */
async function abandon(): Promise<void> {
  const { socket } = await startTestHost();
  process.stdout.write(`${socket.socketPath}\n`, () => process.exit(0));
}

void abandon();
