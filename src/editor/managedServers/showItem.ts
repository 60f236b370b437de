import * as path from 'node:path';
import { isRecord } from '../../core/json';
import { escapeUnseen } from '../../core/unseen';
import type { VirtualDocuments } from '../virtualDocuments';
import { KnownServer } from './knownServer';

/** Shows what a row stands for: the content of a resource, or what the server says of anything else. */
export async function showItem(documents: VirtualDocuments, target: unknown): Promise<void> {
  if (!isRecord(target) || !(target['server'] instanceof KnownServer) || !isRecord(target['item'])) return;
  const { server, list, item } = target as { server: KnownServer; list: unknown; item: Record<string, unknown> };
  const folder = `/servers/${server.name}`;
  const { uri } = item;
  if (list !== 'resources' || typeof uri !== 'string') {
    const name = typeof item['name'] === 'string' ? item['name'] : 'item';
    await documents.show(`${folder}/${fileName(name)}.json`, `${escapeUnseen(JSON.stringify(item, undefined, 2))}\n`);
    return;
  }
  const signal = AbortSignal.timeout(60_000);
  const client = await server.connect({ isByPerson: true }, signal);
  const { contents } = await client.readResource(uri, signal);
  const [only] = contents;
  if (contents.length === 1 && only && 'text' in only && typeof only.text === 'string') {
    const name = fileName(path.posix.basename(uri));
    await documents.show(`${folder}/${/\.\w+$/.test(name) ? name : `${name}.txt`}`, escapeUnseen(only.text));
  } else {
    await documents.show(
      `${folder}/${fileName(uri)}.json`,
      `${escapeUnseen(JSON.stringify(contents, undefined, 2))}\n`,
    );
  }
}

function fileName(text: string): string {
  return text.replaceAll(/[^\w.-]+/g, '_').slice(0, 80) || 'item';
}
