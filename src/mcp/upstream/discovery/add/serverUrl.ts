import { isServerUrl } from '../owners/standardServer';
import type { HttpTemplate } from '../serverTemplate';

/** A server at a URL; the transport is SSE where the path is the one that such servers have by custom. */
export function checkedUrlTemplate(url: string): HttpTemplate | undefined {
  if (!isServerUrl(url)) return undefined;
  const { pathname } = new URL(url);
  return { transport: /\/sse\/?$/.test(pathname) ? 'sse' : 'http', url, headers: {} };
}
