import { existsSync } from 'node:fs';
import * as path from 'node:path';

/** What to start on Windows, where `npx` is a script that only the command interpreter can run. */
export interface SpawnTarget {
  command: string;
  args: string[];
  /** Whether the arguments are already quoted for the command interpreter. */
  windowsVerbatimArguments?: true;
}

const metaCharacters = /([()\][%!^"`<>&|;, *?])/g;

/** Finds a command as the Windows command interpreter does, and wraps scripts (`.cmd`, `.bat`) for it. */
export function windowsTarget(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  exists: (file: string) => boolean = existsSync,
): SpawnTarget {
  const file = findWindowsCommand(command, env, exists) ?? command;
  if (!/\.(?:cmd|bat)$/i.test(file)) return { command: file, args: [...args] };
  // Scripts pass their arguments through the interpreter a second time, so they are escaped twice.
  const line = [escapeCommand(path.win32.normalize(file)), ...args.map((argument) => escapeArgument(argument))].join(
    ' ',
  );
  return {
    command: variable(env, 'COMSPEC') ?? 'cmd.exe',
    args: ['/d', '/s', '/c', `"${line}"`],
    windowsVerbatimArguments: true,
  };
}

function findWindowsCommand(
  command: string,
  env: NodeJS.ProcessEnv,
  exists: (file: string) => boolean,
): string | undefined {
  const endings = (variable(env, 'PATHEXT') ?? '.COM;.EXE;.BAT;.CMD').split(';');
  const names = endings.some((ending) => command.toLowerCase().endsWith(ending.toLowerCase()))
    ? [command]
    : endings.map((ending) => command + ending.toLowerCase());
  if (/[\\/]/.test(command)) return names.find((name) => exists(name));
  for (const folder of (variable(env, 'PATH') ?? '').split(';')) {
    if (folder === '') continue;
    const found = names.map((name) => path.win32.join(folder, name)).find((file) => exists(file));
    if (found !== undefined) return found;
  }
  return undefined;
}

function escapeCommand(command: string): string {
  return command.replaceAll(metaCharacters, '^$1');
}

/** Quotes for the C runtime (backslashes before a quote are doubled), then twice for the interpreter. */
function escapeArgument(argument: string): string {
  const quoted = `"${argument.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
  return quoted.replaceAll(metaCharacters, '^$1').replaceAll(metaCharacters, '^$1');
}

function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const key = Object.keys(env).find((given) => given.toUpperCase() === name);
  return key === undefined ? undefined : env[key];
}
