/** Where the inspector is shown: in the side bar, where the view's own title has the buttons, or as an editor tab. */
export type InspectorSurface = 'view' | 'panel';

export interface InspectorPage {
  surface: InspectorSurface;
  /** Whether the traffic is that of a file, which nobody can pause or clear. */
  isReadOnly?: boolean;
  /** What the editor serves the page's files from, for the content security policy (`webview.cspSource`). */
  cspSource: string;
  /** Random for each page. */
  nonce: string;
  /** Address of `dist/webview/inspector.js`, which brings its styles along and loads the icon font beside it. */
  scriptUri: string;
}

/**
 * The inspector's page. Its policy lets in nothing but our own script, icon font and pictures that a message itself
 * holds: no network, no inline style or script, no frame.
 */
export function inspectorHtml({ surface, isReadOnly = false, cspSource, nonce, scriptUri }: InspectorPage): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    // Pictures in messages, shown when somebody asks for one; the page makes no other such address.
    'img-src data:',
  ].join('; ');
  // The component toolkit reads `csp-nonce` for the style element that it adds, and takes over the theme's colours only
  // if its script runs before the page is loaded: hence no `defer`.
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">
    <meta property="csp-nonce" content="${escapeAttribute(nonce)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>MCP traffic</title>
  </head>
  <body data-surface="${surface}" data-read-only="${isReadOnly}">
    <mcpw-inspector></mcpw-inspector>
    <script nonce="${escapeAttribute(nonce)}" src="${escapeAttribute(scriptUri)}"></script>
  </body>
</html>
`;
}

/** A page that says what is wrong and what to do, where there is nothing to inspect. */
export function problemHtml({ problem, remedy, nonce }: { problem: string; remedy: string; nonce: string }): string {
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${escapeAttribute(nonce)}'">
    <title>MCP traffic</title>
    <style nonce="${escapeAttribute(nonce)}">
      main { max-width: 40em; margin: 20vh auto 0; text-align: center; }
      p { margin: 0 0 8px; }
      p + p { color: var(--vscode-descriptionForeground); }
    </style>
  </head>
  <body>
    <main><p role="alert">${escapeText(problem)}</p><p>${escapeText(remedy)}</p></main>
  </body>
</html>
`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
