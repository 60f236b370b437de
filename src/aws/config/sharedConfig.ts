import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import type { AwsEnvironment } from '../environment';
import type { ProfileSummary } from '../identity';
import { nameOfArn } from '../callerArn';
import { parseIniFile, type IniSection } from './iniFile';

/** A profile, merged from both files. Keys are lower case; the credentials file wins, as in the AWS SDKs. */
export interface Profile {
  name: string;
  settings: ReadonlyMap<string, string>;
}

/** An `[sso-session …]` section. */
export interface SsoSessionSection {
  name: string;
  startUrl?: string;
  region?: string;
  registrationScopes: string[];
}

/** Something in a file that keeps a person from getting what they wrote. */
export interface ConfigProblem {
  file: string;
  /** 1-based, where one line is to blame. */
  line?: number;
  message: string;
}

/** What the two shared files say, at one moment. */
export interface SharedConfig {
  /** In file order: the config file first, then what only the credentials file has. */
  profiles: ReadonlyMap<string, Profile>;
  ssoSessions: ReadonlyMap<string, SsoSessionSection>;
  /** `[services …]` sections: section name → service identifier (`s3`, `sso_oidc`) → its settings. */
  services: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, string>>>;
  problems: readonly ConfigProblem[];
}

const maxFileBytes = 4 * 1024 * 1024;

/**
 * Reads the shared config files and keeps what they said until one of them changes on disk, so that an edit is seen
 * by the next call whether or not anybody noticed it.
 */
export class SharedConfigReader {
  readonly #environment: AwsEnvironment;
  #last: { stamp: string; config: Promise<SharedConfig> } | undefined;

  constructor(environment: AwsEnvironment) {
    this.#environment = environment;
  }

  /** Never rejects: what cannot be read is among `problems`. The same object as long as nothing changed. */
  async load(): Promise<SharedConfig> {
    const { configFile, credentialsFile } = this.#environment;
    const stamp = (await Promise.all([stampOf(configFile), stampOf(credentialsFile)])).join('\n');
    if (this.#last?.stamp !== stamp) {
      this.#last = { stamp, config: readSharedConfig(configFile, credentialsFile) };
    }
    return this.#last.config;
  }

  /** Reads the files again at the next `load`, even if they look unchanged. */
  forget(): void {
    this.#last = undefined;
  }
}

/** Identifies the content of a file well enough to see any edit, also one that replaced the file. */
async function stampOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await fs.stat(file, { bigint: true });
    return `${file} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return `${file} ${(error as NodeJS.ErrnoException).code}`;
  }
}

/** Reads both files. A missing file is an empty one; anything else that is wrong is reported as a problem. */
export async function readSharedConfig(configFile: string, credentialsFile: string): Promise<SharedConfig> {
  const problems: ConfigProblem[] = [];
  const profiles = new Map<string, Map<string, string>>();
  const ssoSessions = new Map<string, Map<string, string>>();
  const services = new Map<string, Map<string, Map<string, string>>>();
  const merge = (into: Map<string, Map<string, string>>, name: string, section: IniSection): void => {
    const settings = into.get(name) ?? new Map<string, string>();
    into.set(name, settings);
    for (const [key, { value }] of section.entries) settings.set(key, value);
  };

  const config = await readSections(configFile, problems);
  const named = config.map((section) => ({ section, ...parseHeader(section.header) }));
  // `[profile default]` replaces `[default]`; the two are not merged.
  const hasPrefixedDefault = named.some(({ kind, name }) => kind === 'profile' && name === 'default');
  for (const { section, kind, name } of named) {
    const { header, line } = section;
    if (kind === 'default' && !hasPrefixedDefault) merge(profiles, 'default', section);
    else if (kind === 'profile' && name !== undefined) merge(profiles, name, section);
    else if (kind === 'sso-session' && name !== undefined) merge(ssoSessions, name, section);
    else if (kind === 'services' && name !== undefined) {
      const group = services.get(name) ?? new Map<string, Map<string, string>>();
      services.set(name, group);
      for (const [service, { nested }] of section.entries) if (nested) group.set(service, nested);
    } else if (kind === 'profile' || kind === 'sso-session' || kind === 'services') {
      const message = /\s\S+\s+\S/.test(header)
        ? `The name in [${header}] has a space and needs quotes: [${kind} "${header.slice(kind.length).trim()}"].`
        : `[${header}] has no readable name.`;
      problems.push({ file: configFile, line, message });
    } else if (kind === undefined && [...section.entries.keys()].some((key) => profileKeys.has(key))) {
      const message = `[${header}] is no profile: in this file its section is named [profile ${header}].`;
      problems.push({ file: configFile, line, message });
    }
  }
  for (const section of await readSections(credentialsFile, problems)) {
    if (/^profile\s/.test(section.header)) {
      const message = `In this file profiles are named without the word "profile": [${section.header.slice(7).trim()}].`;
      problems.push({ file: credentialsFile, line: section.line, message });
    } else {
      merge(profiles, section.header, section);
    }
  }
  return {
    profiles: new Map([...profiles].map(([name, settings]) => [name, { name, settings }])),
    ssoSessions: new Map([...ssoSessions].map(([name, settings]) => [name, asSsoSessionSection(name, settings)])),
    services,
    problems,
  };
}

const profileKeys = new Set([
  'region',
  'role_arn',
  'sso_session',
  'sso_start_url',
  'aws_access_key_id',
  'credential_process',
]);

async function readSections(file: string, problems: ConfigProblem[]): Promise<IniSection[]> {
  // The null device is how scripts say "no file"; on Windows it cannot be opened like one.
  if (file === os.devNull) return [];
  let text: string;
  try {
    const { size } = await fs.stat(file);
    if (size > maxFileBytes) {
      problems.push({ file, message: 'It is larger than 4 MB and was not read.' });
      return [];
    }
    text = await fs.readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') problems.push({ file, message: unreadable(code) });
    return [];
  }
  if (text.includes('\0')) {
    problems.push({ file, message: 'It is not text in UTF-8. Save it in that encoding.' });
    return [];
  }
  const parsed = parseIniFile(text);
  problems.push(...parsed.problems.map((problem) => ({ file, ...problem })));
  return parsed.sections;
}

function unreadable(code: string | undefined): string {
  if (code === 'EACCES' || code === 'EPERM') return 'It cannot be read: this user has no permission.';
  if (code === 'EISDIR') return 'It cannot be read: it is a folder.';
  return `It cannot be read (${code ?? 'unknown error'}).`;
}

function parseHeader(header: string): { kind: string | undefined; name?: string } {
  if (header === 'default') return { kind: 'default' };
  const match = /^(profile|sso-session|services)(?:\s+(.*))?$/.exec(header);
  if (!match) return { kind: undefined };
  const name = unquoted(match[2] ?? '');
  return name === undefined ? { kind: match[1] } : { kind: match[1], name };
}

/** A bare word, or a text in quotes. As in the AWS CLI, a name with a space is read only in quotes. */
function unquoted(text: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$|^'([^']*)'$/.exec(text);
  if (quoted) return (quoted[1]?.replaceAll(/\\(["\\])/g, '$1') ?? quoted[2]) || undefined;
  return text === '' || /[\s"']/.test(text) ? undefined : text;
}

function asSsoSessionSection(name: string, settings: ReadonlyMap<string, string>): SsoSessionSection {
  const startUrl = settings.get('sso_start_url');
  const region = settings.get('sso_region');
  const scopes = settings.get('sso_registration_scopes') ?? '';
  return {
    name,
    ...(startUrl ? { startUrl } : {}),
    ...(region ? { region } : {}),
    registrationScopes: scopes.split(/[\s,]+/).filter((scope) => scope !== ''),
  };
}

/** What the credentials of a profile come from, in the order in which the AWS SDK for JavaScript looks. */
export function profileKind({ settings }: Profile): ProfileSummary['kind'] {
  const has = (key: string): boolean => Boolean(settings.get(key));
  if (has('role_arn') && has('source_profile') !== has('credential_source')) return 'assume-role';
  if (has('aws_access_key_id') && has('aws_secret_access_key')) return 'static';
  if (has('web_identity_token_file') && has('role_arn')) return 'web-identity';
  if (has('credential_process')) return 'credential-process';
  if (has('sso_session')) return 'sso-session';
  if (has('sso_start_url') && has('sso_account_id') && has('sso_role_name')) return 'sso-legacy';
  if (has('login_session')) return 'login-session';
  return 'incomplete';
}

/** One profile as people choose it. */
export function summarizeProfile(profile: Profile): ProfileSummary {
  const { name, settings } = profile;
  const kind = profileKind(profile);
  const region = settings.get('region');
  const arn = kind === 'assume-role' || kind === 'web-identity' ? settings.get('role_arn') : undefined;
  const isSso = kind === 'sso-session' || kind === 'sso-legacy';
  const account = isSso ? settings.get('sso_account_id') : (arn?.split(':')[4] ?? settings.get('aws_account_id'));
  const role = isSso ? settings.get('sso_role_name') : arn && nameOfArn(arn);
  const ssoSession = settings.get('sso_session');
  const startUrl = kind === 'sso-legacy' ? settings.get('sso_start_url') : undefined;
  const sourceProfile = kind === 'assume-role' ? settings.get('source_profile') : undefined;
  const credentialSource = kind === 'assume-role' ? settings.get('credential_source') : undefined;
  return {
    name,
    kind,
    ...(region ? { region } : {}),
    ...(kind === 'sso-session' && ssoSession ? { ssoSession } : {}),
    ...(account ? { account } : {}),
    ...(role ? { role } : {}),
    ...(startUrl ? { startUrl } : {}),
    ...(sourceProfile ? { sourceProfile } : {}),
    ...(credentialSource ? { credentialSource } : {}),
    ...(kind === 'assume-role' && settings.get('mfa_serial') ? { needsMfa: true } : {}),
  };
}
