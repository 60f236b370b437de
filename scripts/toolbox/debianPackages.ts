import * as fs from 'node:fs';
import { findOnPath } from './executables';
import { runCommand } from './processGroup';

/** Something that the machine itself must have, and the Debian package that brings it. */
export interface MachineNeed {
  /** The name of the Debian package. */
  debian: string;
  /** What the need is called on any system, for the sentence that asks a person to install it. */
  name: string;
  /** Looks for the thing itself, so that it may come from anywhere. */
  isMet: () => boolean | Promise<boolean>;
}

/** What can differ between the real machine and a test of these rules. */
export interface Machine {
  isRoot: boolean;
  isDebian: boolean;
  run: (command: string, args: readonly string[]) => Promise<{ exitCode: number; stderr: string }>;
}

function thisMachine(): Machine {
  return {
    isRoot: process.getuid?.() === 0,
    isDebian: fs.existsSync('/etc/debian_version') && findOnPath('apt-get') !== undefined,
    run: (command, args) =>
      runCommand(command, args, {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        timeoutMs: 10 * 60_000,
      }),
  };
}

/** The tools that build native Node modules. */
export const compilerNeeds: readonly MachineNeed[] = [
  { debian: 'g++', name: 'a C++ compiler', isMet: () => hasAny(['g++', 'c++', 'clang++', 'cl']) },
  { debian: 'make', name: 'make', isMet: () => process.platform === 'win32' || hasAny(['make', 'gmake']) },
  { debian: 'python3', name: 'Python 3', isMet: () => hasAny(['python3', 'python']) },
];

function hasAny(commands: readonly string[]): boolean {
  return commands.some((command) => findOnPath(command) !== undefined);
}

async function unmet(needs: readonly MachineNeed[]): Promise<MachineNeed[]> {
  const missing: MachineNeed[] = [];
  for (const need of needs) if (!(await need.isMet())) missing.push(need);
  return missing;
}

/**
 * Sees that the machine has what is needed: on Debian as root it installs what is missing; elsewhere it fails with one
 * sentence that says what a person should install.
 */
export async function ensureDebianPackages(
  purpose: string,
  needs: readonly MachineNeed[],
  machine: Machine = thisMachine(),
): Promise<void> {
  const missing = await unmet(needs);
  if (missing.length === 0) return;
  const packages = missing.map((need) => need.debian);
  const sentence =
    `${purpose} needs ${missing.map((need) => need.name).join(', ')}: please install ` +
    `${packages.join(', ')} (the Debian package names) or your system's equivalent.`;
  if (!machine.isDebian || !machine.isRoot) throw new Error(sentence);

  process.stderr.write(`Installing ${packages.join(', ')}…\n`);
  const patience = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  // A fresh machine's package lists are empty or old, and then the install alone fails with 404s.
  for (const args of [
    ['update', '-qq', ...patience],
    ['install', '-y', '-qq', '--no-install-recommends', ...patience, ...packages],
  ]) {
    const result = await machine.run('apt-get', args);
    if (result.exitCode !== 0) {
      throw new Error(`${sentence} (apt-get ${args[0]} failed: ${result.stderr.trim().slice(-500)})`);
    }
  }
  const still = await unmet(missing);
  if (still.length > 0) {
    throw new Error(`apt-get installed ${packages.join(', ')}, yet ${still.map((n) => n.name).join(', ')} is missing.`);
  }
}
