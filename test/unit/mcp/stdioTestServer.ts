import { silentLogger } from '../../../src/core/logger';
import { serveOverStdio } from '../../../src/mcp/host/stdioServer';
import { TrafficRecorder } from '../../../src/traffic/trafficRecorder';
import { makeTestFeatures } from './testWorkbench';

/** Serves the test tools on standard input and output. */
const server = serveOverStdio({
  features: makeTestFeatures().features,
  recorder: new TrafficRecorder(),
  logger: silentLogger,
  serverName: 'Test tools',
});
void server.closed.then(() => process.exit());
