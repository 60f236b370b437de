import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/** The account and region that an app gets for stacks which do not name their own. */
export interface DefaultEnvironment {
  account?: string | undefined;
  region?: string | undefined;
}

/**
 * On Windows all variables together have 32,767 characters, on Linux each has 128 KiB. What the app cannot get as a
 * variable it gets as a file, which CDK reads since 2.39.
 */
const maxContextCharacters = process.platform === 'win32' ? 8 * 1024 : 96 * 1024;

/**
 * Makes the environment that a CDK app runs in: ours, without what belongs to the editor and to us, and what CDK tells
 * its apps by environment variables. An app gets the AWS variables that are set, as under the CDK CLI; credentials of the
 * workbench never go there.
 * @param toolkitEnv variables that the toolkit gives the app.
 * @param context all context values; those too large for a variable are written into `scratchFolder`.
 */
export async function appEnvironment(
  toolkitEnv: Record<string, string>,
  context: Record<string, unknown>,
  defaults: DefaultEnvironment,
  scratchFolder: string,
): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) if (!isPrivate(name)) env[name] = value;
  // Without a terminal npx would fetch and run what is missing without asking; `npx --yes` in the app's command still may.
  env['npm_config_yes'] = 'false';
  // Python on Windows would write its errors in the code page of the system.
  env['PYTHONIOENCODING'] ??= 'utf-8';
  Object.assign(env, toolkitEnv);
  if (defaults.account !== undefined) env['CDK_DEFAULT_ACCOUNT'] = defaults.account;
  if (defaults.region !== undefined) env['CDK_DEFAULT_REGION'] = defaults.region;
  const json = JSON.stringify(context);
  delete env['CONTEXT_OVERFLOW_LOCATION_ENV'];
  if (json.length <= maxContextCharacters) env['CDK_CONTEXT_JSON'] = json;
  else {
    const file = path.join(scratchFolder, 'context.json');
    await fs.writeFile(file, json, { mode: 0o600 });
    env['CDK_CONTEXT_JSON'] = '{}';
    env['CONTEXT_OVERFLOW_LOCATION_ENV'] = file;
  }
  return env;
}

/**
 * `ELECTRON_RUN_AS_NODE` and the like make an Electron that the app starts behave as the editor's; our own variables can
 * hold the token of the endpoint.
 */
function isPrivate(name: string): boolean {
  return /^(?:ELECTRON_|VSCODE_|MCP_WORKBENCH_)/i.test(name);
}
