import type { AwsRequest } from '../core/awsRequest';
import type { GivenHeaders } from './headers';
import type { ProtocolEra, WireDirection } from './wireRecord';

/** What a channel knows of its two ends. `client` and `era` become known with the first messages. */
export interface ChannelInfo {
  server: string;
  client: string;
  /** A short label, unique while the recorder lives; never the session id itself. */
  session: string;
  era: ProtocolEra;
}

/**
 * One stream of messages in which JSON-RPC ids are unique: a session of the legacy era, or a single HTTP request of
 * the modern era. Transports report to it; it never throws and never keeps a transport waiting.
 */
export interface TrafficChannel {
  /** Corrects what is known of the ends; applies to later messages. */
  describe(info: Partial<ChannelInfo>): void;
  /**
   * Records one message. It is read soon after this returns, so nobody may change the object any more.
   * @param bytes its size on the wire in UTF-8 bytes, where the transport knows it.
   * @param original what its sender sent, where something between the ends changed it on the way.
   * @param headers the HTTP headers that it came with, where there are any; secrets are removed.
   * @param raw its bytes, where its text does not give them back (see `unfaithfulBytes`).
   */
  message(
    direction: WireDirection,
    message: object,
    bytes?: number,
    original?: object,
    headers?: GivenHeaders,
    raw?: Uint8Array,
  ): void;
  /**
   * Records bytes that should be a message and are none.
   * @param headers as for a message.
   */
  unreadable(direction: WireDirection, raw: Uint8Array, headers?: GivenHeaders): void;
  /** Adds an AWS request to the client's request with that JSON-RPC id. */
  awsRequest(requestId: string | number, request: AwsRequest): void;
  /** Says that no more comes: requests still pending are marked cancelled. */
  close(): void;
}

/** Makes channels; implemented by the recorder. */
export interface TrafficSink {
  openChannel(info: ChannelInfo): TrafficChannel;
}
