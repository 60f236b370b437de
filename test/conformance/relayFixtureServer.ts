import { silentLogger } from '../../src/core/logger';
import { serveOverStdio } from '../../src/mcp/host/stdioServer';
import { TrafficRecorder } from '../../src/traffic/trafficRecorder';
import { fixtureFeatures } from './fixtureFeatures';

/** The fixtures as a server over stdio, for the relay to start. */
serveOverStdio({
  features: fixtureFeatures(),
  recorder: new TrafficRecorder(),
  logger: silentLogger,
  serverName: 'Fixtures',
});
