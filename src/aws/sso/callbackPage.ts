import { createHash } from 'node:crypto';

/** What the browser shows when the sign-in is over. */
export interface CallbackPage {
  title: string;
  /** Plain text. */
  message: string;
  isSuccess: boolean;
}

const style = `
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText;
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 34rem; padding: 2rem; }
h1 { margin: 0 0 .5rem; font-size: 1.375rem; font-weight: 600; }
p { margin: 0; }
.product { margin-top: 2rem; font-size: .875rem; opacity: .75; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** No script, no image, no frame, nothing from anywhere: the page shows one sentence. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  connection: 'close',
} as const;

/** The page as an HTTP response: its headers and its body. */
export function renderCallbackPage(page: CallbackPage): { headers: typeof headers; body: string } {
  const body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(page.title)}</title>
<style>${style}</style></head>
<body><main role="${page.isSuccess ? 'status' : 'alert'}"><h1>${escapeHtml(page.title)}</h1>
<p>${escapeHtml(page.message)}</p><p class="product">MCP Workbench for AWS</p></main></body>
</html>
`;
  return { headers, body };
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
