import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureCached } from './cache';
import { ensureDebianPackages } from './debianPackages';
import { findOnPath } from './executables';
import { mustRun, runCommand } from './processGroup';

/** The oldest Python for which every pin in requirements.txt exists. */
const OLDEST_MINOR = 11;

interface BasePython {
  executable: string;
  version: string;
  hasVenv: boolean;
}

async function describe(command: string): Promise<BasePython | undefined> {
  const code = [
    'import importlib.util as u, json, platform, sys',
    // Debian splits ensurepip from Python itself, and then `-m venv` exists but fails.
    'venv = all(u.find_spec(m) is not None for m in ("venv", "ensurepip"))',
    'print(json.dumps([sys.executable, platform.python_version(), venv]))',
  ].join('\n');
  const result = await runCommand(command, ['-c', code], { timeoutMs: 30_000 });
  if (result.exitCode !== 0) return undefined;
  const [executable, version, hasVenv] = JSON.parse(result.stdout) as [string, string, boolean];
  const [major, minor] = version.split('.').map(Number);
  return major === 3 && minor! >= OLDEST_MINOR ? { executable, version, hasVenv } : undefined;
}

async function findPython(): Promise<BasePython | undefined> {
  let withoutVenv: BasePython | undefined;
  for (const name of ['python3', 'python', 'python3.13', 'python3.12', 'python3.11']) {
    const command = findOnPath(name);
    const found = command === undefined ? undefined : await describe(command);
    if (found?.hasVenv) return found;
    withoutVenv ??= found;
  }
  return withoutVenv;
}

async function pythonWithVenv(): Promise<BasePython> {
  let python: BasePython | undefined;
  await ensureDebianPackages('The Python tooling', [
    {
      debian: 'python3-venv',
      name: `Python 3.${OLDEST_MINOR} or later with its venv module`,
      isMet: async () => (python = await findPython())?.hasVenv === true,
    },
  ]);
  return python!;
}

/** Returns the Python of a virtual environment that has exactly what a requirements file pins. */
export async function ensurePythonEnvironment(requirements: string): Promise<string> {
  const base = await pythonWithVenv();
  const key = createHash('sha256')
    .update(fs.readFileSync(requirements, 'utf8').replaceAll('\r', ''))
    .update(base.executable)
    .digest('hex')
    .slice(0, 12);
  const relative = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  const folder = await ensureCached(`python-${base.version}-${key}`, async (building) => {
    await mustRun(base.executable, ['-m', 'venv', building]);
    await mustRun(
      path.join(building, ...relative),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements],
      { timeoutMs: 10 * 60_000 },
    );
  });
  return path.join(folder, ...relative);
}

/** Returns the Python that has the AWS emulators. */
export function ensureEmulatorPython(): Promise<string> {
  return ensurePythonEnvironment(path.join(import.meta.dirname, 'requirements.txt'));
}
