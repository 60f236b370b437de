import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../core/disposable';
import type { Logger } from '../../core/logger';
import { escapeUnseen } from '../../core/unseen';
import type { TrafficSource } from '../../traffic/trafficSource';
import type { WireSummary } from '../../traffic/wireRecord';

/** Lines a second at most: a server that fails everything must not fill the log. */
const maxLines = 20;
const maxRemembered = 10_000;
const reference = /\(traffic (\d+)\)/g;

/** Writes a line into our log for every request that fails, with a link that opens it in the inspector. */
export function logFailedRequests(source: TrafficSource, logger: Logger): Disposable {
  const store = new DisposableStore();
  const logged = new Set<number>();
  let left = maxLines;
  let since = 0;
  store.add(
    source.onDidChange(({ changed }) => {
      for (const record of changed) {
        if (record.kind !== 'request' || record.status !== 'error' || logged.has(record.seq)) continue;
        if (logged.size >= maxRemembered) logged.clear();
        logged.add(record.seq);
        if (Date.now() - since > 1000) [since, left] = [Date.now(), maxLines];
        if (left-- > 0) logger.info(failureLine(record));
      }
    }),
  );
  store.add(vscode.languages.registerDocumentLinkProvider({ scheme: 'output' }, { provideDocumentLinks: links }));
  return store;
}

/** `lambda_invoke_function of claude-code at AWS tools failed: AccessDenied (traffic 42)` */
function failureLine({ seq, method, target, client, server, note }: WireSummary): string {
  const what = [target ?? method, 'of', client, 'at', server, 'failed'].join(' ');
  return escapeUnseen(`${what}${note === undefined ? '' : `: ${note}`} (traffic ${seq})`);
}

function links(document: vscode.TextDocument): vscode.DocumentLink[] {
  if (!document.uri.path.includes('mcp-workbench')) return [];
  return [...document.getText().matchAll(reference)].map((match) => {
    const range = new vscode.Range(
      document.positionAt(match.index + 1),
      document.positionAt(match.index + match[0].length - 1),
    );
    const argument = encodeURIComponent(JSON.stringify([Number(match[1])]));
    const link = new vscode.DocumentLink(range, vscode.Uri.parse(`command:mcpWorkbench.inspector.open?${argument}`));
    link.tooltip = vscode.l10n.t('Open in the traffic inspector');
    return link;
  });
}
