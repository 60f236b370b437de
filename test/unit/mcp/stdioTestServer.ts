import { silentLogger } from '../../../src/core/logger';
import { serveOverStdio } from '../../../src/mcp/host/stdioServer';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import { makeTestFeatures } from './testWorkbench';

/** Serves the test tools on standard input and output. SIGUSR2 forbids writing, which shortens the list of tools. */
const { features, setPolicy } = makeTestFeatures();
const server = serveOverStdio({
  features,
  recorder: new TrafficRecorder(),
  logger: silentLogger,
  serverName: 'Test tools',
});
process.on('SIGUSR2', () => setPolicy({ access: 'readOnly' }));
void server.closed.then(() => process.exit());
