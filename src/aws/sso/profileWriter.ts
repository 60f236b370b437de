import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { writeFileAtomically } from './atomicFile';
import { changedLines, ConfigText, type ChangedLines } from './configText';
import { acquireProcessLock } from './processLock';
import { regionPattern } from '../regionPattern';
import { errnoOf, safeCause } from './ssoError';
import { accountAccessScope, parseStartUrl } from './ssoSession';

/** One wish for the config file. Several are planned together, so that a profile can come with its session. */
export type ConfigRequest =
  /** Adds an `[sso-session]`, or alters the one of that name. */
  | { kind: 'ssoSession'; name: string; startUrl: string; region: string; scopes?: readonly string[] }
  /** Adds a profile for a role, or alters a profile that is one for a role already. */
  | {
      kind: 'profile';
      name: string;
      ssoSession: string;
      accountId: string;
      roleName: string;
      region?: string | undefined;
      output?: string | undefined;
    }
  /**
   * Turns legacy SSO profiles with one start URL and region into profiles of an `[sso-session]`, which can renew
   * itself. The session is added where it is missing.
   */
  | { kind: 'convertLegacy'; profiles: readonly string[]; ssoSession: string };

/** A change to show before it is made. */
export interface ConfigChange {
  /** The file to be written, with symbolic links followed. */
  file: string;
  /** The text as it was when the change was planned; `undefined` where there is no file yet. */
  before: string | undefined;
  after: string;
  /** The difference by lines; empty where nothing needs to be changed. */
  changes: ChangedLines[];
}

/** Names that every AWS tool reads without quotes; the AWS SDK for JavaScript drops sections with others. */
const namePattern = /^[A-Za-z0-9_@+.%:/-]{1,128}$/;
const accountPattern = /^\d{12}$/;
const rolePattern = /^[\w+=,.@-]{1,64}$/;
const scopePattern = /^[\w:.*/-]{1,128}$/;
const outputs = new Set(['json', 'yaml', 'yaml-stream', 'text', 'table', 'off']);

/** Settings that give a profile credentials of another kind, which would win over or clash with a role of a session. */
const otherCredentials = [
  'aws_access_key_id',
  'role_arn',
  'source_profile',
  'credential_source',
  'credential_process',
  'web_identity_token_file',
  'login_session',
];

const legacyKeys = ['sso_start_url', 'sso_region', 'sso_registration_scopes'];

/**
 * Works out a change to the shared config file and writes nothing.
 * @throws WorkbenchError `InvalidInput` for a wish that cannot be granted, `Internal` where the file cannot be read.
 */
export async function planConfigChange(file: string, requests: readonly ConfigRequest[]): Promise<ConfigChange> {
  const target = await followLinks(file);
  const before = await readConfig(target);
  const text = new ConfigText(before ?? '');
  for (const request of requests) {
    switch (request.kind) {
      case 'ssoSession':
        setSession(text, request);
        break;
      case 'profile':
        setProfile(text, request);
        break;
      case 'convertLegacy':
        convertLegacy(text, request);
        break;
    }
  }
  const after = text.toString();
  return { file: target, before, after, changes: changedLines(before ?? '', after) };
}

/**
 * Makes a planned change, unless the file is not what it was when it was planned.
 * @throws WorkbenchError `InvalidInput` where somebody edited it since, `Internal` where it cannot be written.
 */
export async function applyConfigChange(change: ConfigChange): Promise<void> {
  if (change.changes.length === 0) return;
  const { file } = change;
  try {
    await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const lock = await acquireProcessLock(`${file}.mcp-workbench.lock`, { timeoutMs: 15_000 });
    try {
      if ((await readConfig(file)) !== change.before) {
        throw new WorkbenchError(
          'InvalidInput',
          `${file} was edited since the change was shown, so nothing was written.`,
          {
            remedy: 'Look at the change once more and confirm it again.',
          },
        );
      }
      const mode = change.before === undefined ? 0o600 : (await fs.stat(file)).mode & 0o777;
      await writeFileAtomically(file, change.after, mode);
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (WorkbenchError.is(error)) throw error;
    throw new WorkbenchError('Internal', `${file} could not be written: ${errnoOf(error) ?? 'unknown reason'}.`, {
      remedy: 'Make the file writable for you, or add the lines by hand.',
      cause: safeCause(error),
    });
  }
}

function setSession(text: ConfigText, request: ConfigRequest & { kind: 'ssoSession' }): void {
  const { scopes = [accountAccessScope] } = request;
  checkName('SSO session', request.name);
  checkRegion(request.region);
  for (const scope of scopes) if (!scopePattern.test(scope)) throw invalid(`This is not a scope: ${show(scope)}`);
  text.set('sso-session', request.name, {
    sso_start_url: iniValue(parseStartUrl(request.startUrl)),
    sso_region: request.region,
    sso_registration_scopes: scopes.join(','),
  });
}

function setProfile(text: ConfigText, request: ConfigRequest & { kind: 'profile' }): void {
  const { name, ssoSession, accountId, roleName, region, output } = request;
  checkName('profile', name);
  if (!accountPattern.test(accountId)) throw invalid(`An account id has 12 digits: ${show(accountId)}`);
  if (!rolePattern.test(roleName)) throw invalid(`This is not the name of a role: ${show(roleName)}`);
  if (region !== undefined) checkRegion(region);
  if (output !== undefined && !outputs.has(output)) throw invalid(`This is not an output format: ${show(output)}`);
  if (!text.has('sso-session', ssoSession)) throw invalid(`There is no SSO session ${show(ssoSession)}.`);
  const existing = text.settings('profile', name);
  const clash = otherCredentials.find((key) => existing.has(key));
  if (clash !== undefined) {
    throw invalid(`Profile ${name} exists and gets its credentials from ${clash}.`, 'Choose another name.');
  }
  text.remove('profile', name, legacyKeys);
  text.set('profile', name, {
    sso_session: ssoSession,
    sso_account_id: accountId,
    sso_role_name: roleName,
    ...(region === undefined ? {} : { region }),
    ...(output === undefined ? {} : { output }),
  });
}

function convertLegacy(text: ConfigText, request: ConfigRequest & { kind: 'convertLegacy' }): void {
  const { profiles, ssoSession } = request;
  const wanted = new Set<string>();
  let first: { startUrl: string; region: string } | undefined;
  for (const profile of profiles) {
    const settings = text.settings('profile', profile);
    const startUrl = settings.get('sso_start_url');
    const region = settings.get('sso_region');
    if (startUrl === undefined || region === undefined || settings.has('sso_session')) {
      throw invalid(
        `Profile ${profile} is not a legacy SSO profile.`,
        'Convert only profiles with their own start URL.',
      );
    }
    first ??= { startUrl, region };
    wanted.add(`${comparable(startUrl)} ${region}`);
  }
  if (first === undefined) throw invalid('No profile was named.', 'Name the profiles to convert.');
  if (wanted.size > 1) {
    throw invalid('The profiles use different start URLs or regions.', 'Convert them in groups, one session each.');
  }
  if (text.has('sso-session', ssoSession)) {
    const session = text.settings('sso-session', ssoSession);
    const found = `${comparable(session.get('sso_start_url') ?? '')} ${session.get('sso_region')}`;
    if (!wanted.has(found)) {
      throw invalid(
        `The SSO session ${ssoSession} exists and has another start URL or region.`,
        'Choose another name.',
      );
    }
  } else {
    setSession(text, { kind: 'ssoSession', name: ssoSession, ...first });
  }
  for (const profile of profiles) {
    text.set('profile', profile, { sso_session: ssoSession });
    text.remove('profile', profile, legacyKeys);
  }
}

function comparable(startUrl: string): string {
  try {
    return parseStartUrl(startUrl).replace(/\/$/, '');
  } catch {
    return startUrl;
  }
}

/** ` #` and ` ;` would start a comment, and no address has white space; so what is left is safe as it stands. */
function iniValue(text: string): string {
  return text.replaceAll(/\s/g, '');
}

function checkName(what: string, name: string): void {
  if (!namePattern.test(name) || name === '__proto__') {
    throw invalid(
      `This name cannot be used for a new ${what}: ${show(name)}`,
      'Use letters, digits and _ - . @ + % : / only, so that every AWS tool reads it.',
    );
  }
}

function checkRegion(region: string): void {
  if (!regionPattern.test(region)) throw invalid(`This is not an AWS region: ${show(region)}`);
}

function invalid(message: string, remedy = 'Correct it and try again.'): WorkbenchError {
  return new WorkbenchError('InvalidInput', message, { remedy });
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

/** A config file is often a link into a folder of dotfiles; the link must stay one. */
async function followLinks(file: string): Promise<string> {
  let target = path.resolve(file);
  for (let links = 0; links < 16; links++) {
    try {
      target = path.resolve(path.dirname(target), await fs.readlink(target));
    } catch {
      break;
    }
  }
  return target;
}

async function readConfig(file: string): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await fs.readFile(file);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw new WorkbenchError('Internal', `${file} could not be read: ${errnoOf(error) ?? 'unknown reason'}.`, {
      remedy: 'Make the file readable for you.',
      cause: safeCause(error),
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new WorkbenchError('InvalidInput', `${file} is not UTF-8 text, so it cannot be changed without harm.`, {
      remedy: 'Save the file as UTF-8, or add the lines by hand.',
    });
  }
}
