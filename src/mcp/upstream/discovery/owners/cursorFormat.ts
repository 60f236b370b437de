import type { JsonObject } from '../../../../core/json';
import type { FieldReader } from '../fieldReader';
import type { OwnerFormat } from '../ownerFormat';
import type { HttpTemplate } from '../serverTemplate';
import { commonTypes, readStandardServer, writeStandardServer } from './standardServer';

/**
 * `~/.cursor/mcp.json` and `.cursor/mcp.json`: `mcpServers`; `envFile` for local servers; static OAuth clients under
 * `auth`. A `url` is tried as Streamable HTTP first.
 * Source: cursor.com/docs/context/mcp ("STDIO server configuration", "Static OAuth", "Config interpolation").
 */
export const cursorFormat: OwnerFormat = {
  owner: 'cursor',
  syntax: 'jsonc',
  keeps: (path) => path[0] === 'mcpServers',
  lists: () => [{ path: ['mcpServers'] }],
  read: (fields) =>
    readStandardServer(fields, {
      types: commonTypes,
      urlFields: [{ name: 'url', transport: 'http' }],
      stdioFields: ['cwd', 'envFile'],
      oauth: readAuth,
    }),
  write: (template) =>
    writeStandardServer(template, {
      types: { stdio: 'stdio' },
      stdioFields: ['cwd', 'envFile'],
      writeOauth: ({ clientId, clientSecret, scope }): JsonObject =>
        clientId === undefined
          ? {}
          : {
              auth: {
                CLIENT_ID: clientId,
                ...(clientSecret === undefined ? {} : { CLIENT_SECRET: clientSecret }),
                ...(scope === undefined ? {} : { scopes: scope.split(' ') }),
              },
            },
    }),
};

function readAuth(fields: FieldReader): HttpTemplate['oauth'] {
  const auth = fields.object('auth');
  const clientId = auth?.string('CLIENT_ID');
  if (!auth || clientId === undefined) return undefined;
  const clientSecret = auth.string('CLIENT_SECRET');
  const scopes = auth.strings('scopes');
  return {
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
  };
}
