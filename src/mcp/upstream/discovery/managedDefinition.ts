import { createHash } from 'node:crypto';
import { parseManagedServer, type ManagedServer, type ManagedServerInput, type SettingValue } from '../managedServer';
import { completeSigning, type RequestSigning } from '../requestSigning';
import { isSocketUrl } from '../serverAddress';
import type { DiscoveredServer } from './discoveredServers';
import type { ResolvedHttpServer, Resolution, ResolvedStdioServer } from './variables/resolveServer';

/** A definition without secrets, and the secrets that belong to it. */
export interface ManagedDefinition {
  definition: ManagedServer;
  /** Key in the secret store → value. They belong in memory only: the config file or the editor keeps them. */
  secrets: ReadonlyMap<string, string>;
}

/**
 * The definition to run a discovered server with.
 * @param signing how the user wants its requests signed, whatever its file says
 * @throws WorkbenchError `InvalidInput` where the server cannot be managed, e.g. because its URL carries a password.
 */
export function managedDefinition(
  server: DiscoveredServer,
  resolution: Resolution,
  signing?: Partial<RequestSigning>,
): ManagedDefinition | undefined {
  const { server: resolved } = resolution;
  if (!resolved) return undefined;
  const secrets = new Map<string, string>();
  const keep = (kind: string, name: string, value: string): SettingValue => {
    // Names can be longer than keys.
    const shortName = name.length <= 100 ? name : createHash('sha256').update(name).digest('hex');
    const key = `discovered/${server.id}/${kind}/${shortName}`;
    secrets.set(key, value);
    return { secret: key };
  };
  const common = { name: server.name, title: server.title.slice(0, 200) };
  const input: ManagedServerInput =
    resolved.transport === 'stdio'
      ? { ...common, ...stdioInput(resolved, resolution, keep) }
      : { ...common, ...httpInput(resolved, resolution, keep, signing) };
  return { definition: parseManagedServer(input), secrets };
}

type Keep = (kind: string, name: string, value: string) => SettingValue;

function stdioInput(server: ResolvedStdioServer, { secretEnv }: Resolution, keep: Keep) {
  const { transport, command, args, cwd } = server;
  const env = Object.entries(server.env).map(([name, value]) => {
    const isSecret = value !== null && secretEnv.has(name);
    return [name, isSecret ? keep('env', name, value) : value] as const;
  });
  return { transport, command, args, cwd, env: Object.fromEntries(env) };
}

function httpInput(
  server: ResolvedHttpServer,
  { secretHeaders }: Resolution,
  keep: Keep,
  signing: Partial<RequestSigning> | undefined = server.signing,
) {
  const { transport, url } = server;
  const headers = Object.entries(server.headers).map(([name, value]) => {
    return [name, secretHeaders.has(name) ? keep('header', name, value) : value] as const;
  });
  return { transport, url, auth: authInput(server, keep, signing), headers: Object.fromEntries(headers) };
}

function authInput({ url, headers, oauth }: ResolvedHttpServer, keep: Keep, signing?: Partial<RequestSigning>) {
  if (signing) return { kind: 'sigv4' as const, ...completeSigning(url, signing) };
  if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) return { kind: 'none' as const };
  // Whoever may open the socket is let in; nothing there could name an authorization server.
  if (isSocketUrl(url)) return { kind: 'none' as const };
  // Where nothing is said, the owners sign in as soon as the server asks for it.
  return {
    kind: 'oauth' as const,
    ...(oauth?.clientId === undefined ? {} : { clientId: oauth.clientId }),
    ...(oauth?.clientSecret === undefined ? {} : { clientSecret: keep('oauth', 'secret', oauth.clientSecret) }),
    ...(oauth?.scope === undefined ? {} : { scope: oauth.scope }),
  };
}
