import { createHash } from 'node:crypto';
import { canonicalJson } from '../../core/json';
import type { ServerEntry } from '../../mcp/upstream/discovery/serverEntry';

/** Names the place of an entry: the same whatever stands there, and without names or paths of the user in it. */
export function entryKey({ owner, scope, file, path }: Pick<ServerEntry, 'owner' | 'scope' | 'file' | 'path'>): string {
  return createHash('sha256')
    .update(canonicalJson([owner, scope, file.path, path]))
    .digest('hex')
    .slice(0, 32);
}
