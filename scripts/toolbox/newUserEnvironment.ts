/** What a variable may hold of the person who runs the tests, or of the tools that run them. */
const PERSONAL = /^(AWS_|ANTHROPIC_|CLAUDE|VSCODE_|ELECTRON_|XDG_|MCP_|npm_|NODE_OPTIONS$|NODE_ENV$|INIT_CWD$)/i;

/** The environment of a new user with this home folder: nothing of the person's own AWS, editor or agent set-up. */
export function newUserEnvironment(home: string, extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    // Windows spells it `Path`, and two spellings in one environment would fight.
    if (!PERSONAL.test(name)) env[name.toUpperCase() === 'PATH' ? 'PATH' : name] = value;
  }
  return { ...env, HOME: home, USERPROFILE: home, APPDATA: home, LOCALAPPDATA: home, ...extra };
}
