import type { Logger } from '../../core/logger';
import type { TrafficSink } from '../../traffic/trafficChannel';
import type { ConnectionList } from '../host/connectionList';
import type { HostLimits } from '../host/hostLimits';
import type { ManagedServerSupervisor } from './managedServerSupervisor';
import type { MessageFilter } from './messageFilter';

/** What the relay of one managed server works with. */
export interface RelayParts {
  supervisor: ManagedServerSupervisor;
  connections: ConnectionList;
  recorder: TrafficSink;
  logger: Logger;
  limits: Pick<HostLimits, 'maxSessions' | 'sessionIdleMs' | 'modernLingerMs' | 'streamKeepAliveMs'>;
  /** Path it is served under. */
  path: string;
  /** Name of the server in wire records. */
  serverName: string;
  /** Present only where the user asked for it. */
  filter: MessageFilter | undefined;
}
