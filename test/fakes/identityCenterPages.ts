const style = `
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f3f4f6; color: #16191f;
  font: 16px/1.5 system-ui, sans-serif; }
main { background: #fff; border: 1px solid #d5dbdb; border-radius: 8px; padding: 2rem; width: 26rem; }
h1 { font-size: 1.25rem; margin: 0 0 1rem; }
label { display: block; margin: 1rem 0 .25rem; }
input { font: inherit; padding: .5rem; width: 100%; box-sizing: border-box; letter-spacing: .1em; }
.buttons { display: flex; gap: .75rem; margin-top: 1.5rem; }
button { font: inherit; padding: .5rem 1rem; border-radius: 4px; border: 1px solid #545b64; background: #fff; }
#allow { background: #1f6feb; border-color: #1f6feb; color: #fff; }
footer { margin-top: 1.5rem; font-size: .8125rem; color: #545b64; }
`;

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1>
${content}
<footer>A stand-in for AWS IAM Identity Center, on this machine only.</footer></main></body>
</html>
`;
}

const buttons = `<div class="buttons">
<button id="allow" name="decision" value="allow">Allow access</button>
<button id="deny" name="decision" value="deny">Deny access</button>
</div>`;

/** Asks whether the editor may use the person's accounts; `#allow` and `#deny` decide. */
export function authorizePage(request: string): string {
  return page(
    'Allow MCP Workbench for AWS to access your data?',
    `<p>It would be able to see and use the AWS accounts that you are assigned to.</p>
<form method="post" action="/authorize/decision"><input type="hidden" name="request" value="${escapeHtml(request)}">
${buttons}</form>`,
  );
}

/** Asks for the code of a device, filled in where the address had it; `#allow` and `#deny` decide. */
export function devicePage(userCode: string): string {
  return page(
    'Authorization requested',
    `<p>Compare this code with the one in the editor.</p>
<form method="post" action="/start/device"><label for="user_code">Code</label>
<input id="user_code" name="user_code" autocomplete="off" value="${escapeHtml(userCode)}">
${buttons}</form>`,
  );
}

/** Says what the person decided. */
export function resultPage(decision: 'allow' | 'deny'): string {
  return decision === 'allow'
    ? page('Request approved', '<p id="result">You can close this page and go back to the editor.</p>')
    : page('Request denied', '<p id="result">Nothing was allowed. You can close this page.</p>');
}

/** Says what was wrong with a request. */
export function errorPage(message: string): string {
  return page('An error occurred while signing in', `<p id="error">${escapeHtml(message)}</p>`);
}

function escapeHtml(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
