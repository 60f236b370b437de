import type { ManagedServer, SettingValue } from '../../mcp/upstream/managedServer';
import type { ServerEndpoint } from '../../traffic/replay/serverEndpoint';

/**
 * How a server of the user is reached from outside the editor. What its definition keeps in the secret storage is left
 * out. Says why where no command and no test could reach it.
 */
export function endpointOfServer(server: ManagedServer): ServerEndpoint | { unreachable: string } {
  if (server.transport === 'stdio') {
    const { command, args, env, cwd } = server;
    const settings = Object.entries(env).flatMap(([name, value]) =>
      value === null ? [] : [[name, plain(value)] as const],
    );
    return {
      transport: 'stdio',
      command,
      args,
      ...(settings.length > 0 ? { env: Object.fromEntries(settings) } : {}),
      ...(cwd === undefined ? {} : { cwd }),
    };
  }
  const { transport, url, headers, auth } = server;
  if (transport !== 'http') return { unreachable: 'The server speaks HTTP with SSE, which takes more than a command.' };
  if (auth.kind === 'sigv4')
    return { unreachable: 'Requests to the server are signed with the identity of this window.' };
  return {
    transport: 'http',
    url,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, plain(value)])),
    needsToken: auth.kind === 'oauth',
  };
}

function plain(value: SettingValue): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
