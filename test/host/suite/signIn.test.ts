import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import { container, until } from './editor';

const session = {
  name: 'acme',
  startUrl: 'https://d-0123456789.awsapps.com/start',
  region: 'eu-west-1',
  scopes: ['sso:account:access'],
};

describe('Signing in', () => {
  it("goes through the editor's proxy", async () => {
    const asked: string[] = [];
    const proxy = createServer((_request, response) => response.writeHead(502).end());
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((resolve) => {
      proxy.listen(0, '127.0.0.1', resolve);
    });
    const { port } = proxy.address() as AddressInfo;
    const http = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('http');
    await http().update('proxy', `http://127.0.0.1:${port}`, vscode.ConfigurationTarget.Global);
    const controller = new AbortController();
    try {
      const { sso } = await container();
      const signingIn = sso.signIn
        .signIn({ session, flow: 'deviceCode', signal: controller.signal, onUserAction: () => undefined })
        .catch(() => undefined);
      await until('the proxy to be asked', () => asked.length > 0 || undefined);
      assert.equal(asked[0], 'oidc.eu-west-1.amazonaws.com:443');
      controller.abort();
      await signingIn;
    } finally {
      controller.abort();
      await http().update('proxy', undefined, vscode.ConfigurationTarget.Global);
      proxy.close();
      proxy.closeAllConnections();
    }
  });

  it('takes other endpoints from the user only', async () => {
    const update = vscode.workspace
      .getConfiguration('mcpWorkbench')
      .update('sso.endpoints', { oidc: 'https://evil.example' }, vscode.ConfigurationTarget.Workspace);
    await assert.rejects(Promise.resolve(update), /sso\.endpoints/);
  });
});
