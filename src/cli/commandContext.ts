import type { Logger } from '../core/logger';

/** What a command needs that the command line does not say. */
export interface CommandContext {
  version: string;
  logger: Logger;
}

/** Display name of our server in wire records. */
export const displayName = 'AWS tools';
