import { isRecord, type JsonValue } from './json';

/** What stands where a secret stood. */
export const redactedMark = '[redacted]';

/**
 * Member names whose values are secrets whatever they look like, lower case, without `-` and `_`.
 * `nextToken` of a list API is no secret, `sessionToken` is.
 */
const secretNames = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'password',
  'passwd',
  'passphrase',
  'secret',
  'clientsecret',
  'secretkey',
  'secretaccesskey',
  'awssecretaccesskey',
  'sessiontoken',
  'awssessiontoken',
  'securitytoken',
  'xamzsecuritytoken',
  'xamzsignature',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'bearertoken',
  'authtoken',
  'apikey',
  'xapikey',
  'privatekey',
  'devicecode',
  'codeverifier',
  'signature',
  'mcpsessionid',
  'token',
  'sastoken',
  'accountkey',
  'connectionstring',
  'passcode',
  'tokencode',
  'mfacode',
  'otp',
]);

/** Ends of longer names that make the value a secret just as surely, e.g. `DatabasePassword` or `stripeApiKey`. */
const secretNameEnd =
  /(?:password|passwd|passphrase|(?:client|app|jwt|webhook|signing|consumer|shared|hmac|cookie|session|oauth)secret|secretkey|secretaccesskey|sessiontoken|securitytoken|accesstoken|refreshtoken|bearertoken|authtoken|apitoken|bottoken|apikey|privatekey|signingkey|sharedaccesskey)$/;

/** Member names as they stand in text that holds JSON or settings; longer names may end in them. */
const namesInText =
  'password|passwd|passphrase|secret|client[_-]?secret|secret[_-]?key|secret[_-]?access[_-]?key|session[_-]?token|security[_-]?token|access[_-]?token|refresh[_-]?token|id[_-]?token|bearer[_-]?token|auth[_-]?token|api[_-]?token|bot[_-]?token|api[_-]?key|private[_-]?key|signing[_-]?key|shared[_-]?access[_-]?key|account[_-]?key|connection[_-]?string|device[_-]?code|code[_-]?verifier|token[_-]?code|mfa[_-]?code|passcode|authorization|set-cookie|cookie|mcp-session-id';

/** Words of which a text holds at least one if it has a member that `namesInText` names. */
const nameHints = [
  'passw',
  'passphrase',
  'passcode',
  'secret',
  'token',
  'apikey',
  'api_key',
  'api-key',
  'private',
  'signing',
  'accountkey',
  'account_key',
  'account-key',
  'connection',
  'devicecode',
  'device_code',
  'device-code',
  'verifier',
  'mfa',
  'authorization',
  'cookie',
  'mcp-session-id',
];

/** A kind of secret that is known by what it looks like or by what stands before it. */
interface SecretKind {
  /** Lower case; a text that has none of these has no such secret, which is a much cheaper question. */
  hints: readonly string[];
  /** Keeps what is not secret in its first group. */
  pattern: RegExp;
}

/** A quoted text, where the quotes are those of the second group: plain, or escaped in JSON that stands in JSON. */
const restOfQuoted = String.raw`(?:(?!\2)(?:\\[^]|[^\\]))`;

/** What the name of an entry stands under. */
const entryName = '(?:key|name|parameterKey|outputKey)';

/**
 * Texts that are secrets wherever they stand. Repetitions that may start at every character have a limit, so that no
 * text makes them slow.
 */
const secretKinds: readonly SecretKind[] = [
  // A member of JSON, also of JSON inside a JSON string, where the quotes have backslashes.
  {
    hints: nameHints,
    pattern: new RegExp(
      String.raw`((\\{0,8}["'])[\w.-]{0,64}?(?:${namesInText})\2\s{0,9}[:=]\s{0,9}\2)${restOfQuoted}+`,
      'gi',
    ),
  },
  // Names that mean something else as the ends of longer ones, such as `nextToken`.
  {
    hints: ['token', 'signature', 'otp'],
    pattern: new RegExp(
      String.raw`((\\{0,8}["'])(?:token|sas[_-]?token|signature|otp)\2\s{0,9}[:=]\s{0,9}\2)${restOfQuoted}+`,
      'gi',
    ),
  },
  // An entry of a list of names and values (tags, parameters, headers) whose name is a secret's, either way round.
  {
    hints: nameHints,
    pattern: new RegExp(
      String.raw`((\\{0,8}["'])${entryName}\2\s{0,9}:\s{0,9}\2[\w./:-]{0,128}?(?:${namesInText}|token)\2[^{}[\]]{0,200}?\2\w{0,32}value\2\s{0,9}:\s{0,9}\2)${restOfQuoted}+`,
      'gi',
    ),
  },
  {
    hints: nameHints,
    pattern: new RegExp(
      String.raw`((\\{0,8}["'])\w{0,32}value\2\s{0,9}:\s{0,9}\2)${restOfQuoted}+(?=\2[^{}[\]]{0,200}?\2${entryName}\2\s{0,9}:\s{0,9}\2[\w./:-]{0,128}?(?:${namesInText}|token)\2)`,
      'gi',
    ),
  },
  // A list under such a name: "set-cookie": ["…", "…"].
  {
    hints: nameHints,
    pattern: new RegExp(
      String.raw`((\\{0,8}["'])[\w.-]{0,64}?(?:${namesInText})\2\s{0,9}[:=]\s{0,9}\[\s{0,9}\2)${restOfQuoted}*(?:\2\s{0,9},\s{0,9}\2${restOfQuoted}*){0,500}`,
      'gi',
    ),
  },
  // A number under one that is never a count or a code of something else.
  {
    hints: ['passw', 'passcode', 'token', 'mfa'],
    pattern: /((\\{0,8}["'])(?:password|passwd|passcode|token[_-]?code|mfa[_-]?code)\2\s{0,9}:\s{0,9})\d+/gi,
  },
  // Header lines, as HTTP and its tools write them.
  { hints: ['cookie'], pattern: /(\b(?:set-)?cookie[ \t]{0,3}:[ \t]{0,3})[^\s;=]{1,256}=[^\r\n"'\\]+/gi },
  {
    hints: ['authorization'],
    pattern: /(\bauthorization[ \t]{0,3}:[ \t]{0,3}(?:[a-z][\w-]{2,20}\s+)?)[^\s"'\\]{8,}/gi,
  },
  {
    hints: ['session-id', 'session_id', 'sessionid'],
    pattern: /(\bmcp[_-]?session[_-]?id(?:\\{0,8}["'])?[ \t]{0,3}[:=][ \t]{0,3}(?:\\{0,8}["'])?)[^\s"'\\,;&]{4,}/gi,
  },
  { hints: ['bearer'], pattern: /(\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi },
  // Something must tell base64 from a word: "Basic monitoring" is no secret.
  {
    hints: ['basic'],
    pattern: /(\b[Bb](?:asic|ASIC)\s+)(?=[A-Za-z+/]{0,64}[0-9=]|[A-Za-z]{1,64}[A-Z])[A-Za-z0-9+/]{8,}={0,2}/g,
  },
  { hints: ['akia', 'asia', 'abia', 'acca'], pattern: /()\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g },
  {
    hints: ['secret', 'token'],
    pattern:
      /((?:aws[_-]?)?(?:secret[_-]?access[_-]?key|session[_-]?token|security[_-]?token)(?:\\{0,8}["'])?[ \t]{0,9}[:=][ \t]{0,9}(?:\\{0,8}["'])?)[A-Za-z0-9/+=_-]{16,}/gi,
  },
  {
    hints: nameHints,
    pattern:
      /((?:password|passwd|client[_-]?secret|api[_-]?key|access[_-]?token|refresh[_-]?token|id[_-]?token|code[_-]?verifier|device[_-]?code|accountkey)(?:\\{0,8}["'])?[ \t]{0,9}[:=][ \t]{0,9}(?:\\{0,8}["'])?)[^\s"'&,;}\\]{4,}/gi,
  },
  // Variables as shells and env files write them.
  {
    hints: ['secret', 'token', 'passw', 'passphrase', 'apikey', 'api_key', 'private_key', 'access_key'],
    pattern:
      /(\b[A-Z0-9_]{0,64}(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|PRIVATE_KEY|ACCESS_KEY)[ \t]{0,3}=[ \t]{0,3}(?:\\{0,8}["'])?)[^\s"']{4,}/g,
  },
  // The password of a URL.
  { hints: ['://'], pattern: /(\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/@]{0,128}:)[^\s/@]{1,256}(?=@)/gi },
  {
    hints: ['x-amz-', 'signature=', 'code=', 'token=', 'sig='],
    pattern:
      /([?&](?:X-Amz-Signature|X-Amz-Security-Token|X-Amz-Credential|Signature|code|token|access_token|refresh_token|id_token|sig)=)[^&\s"'<>\\]+/gi,
  },
  // As request signing writes it.
  { hints: ['signature='], pattern: /(\bSignature=)[a-f0-9]{32,}/gi },
  // The first parameter of a form, where an authorization code is exchanged for tokens.
  { hints: ['code='], pattern: /((?:^|[\s"'])code=)[^&\s"'<>\\]{4,}(?=&)/g },
  { hints: ['eyj'], pattern: /()\beyJ[A-Za-z0-9_-]{8,2048}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/g },
  {
    hints: ['private key'],
    pattern: /()-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
  },
  { hints: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], pattern: /()\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36,}\b/g },
  { hints: ['github_pat_'], pattern: /()\bgithub_pat_[A-Za-z0-9_]{22,}\b/g },
  { hints: ['glpat-'], pattern: /()\bglpat-[A-Za-z0-9_-]{20,}/g },
  { hints: ['npm_'], pattern: /()\bnpm_[A-Za-z0-9]{36,}\b/g },
  { hints: ['xox', 'xapp-'], pattern: /()\b(?:xox[abeprs]|xapp)-[A-Za-z0-9-]{10,}/g },
  { hints: ['hooks.slack.com'], pattern: /(hooks\.slack\.com\/(?:services|workflows)\/)[A-Za-z0-9/_-]{16,}/g },
  { hints: ['sk-'], pattern: /()\bsk-[A-Za-z0-9_-]{20,}\b/g },
  { hints: ['sk_', 'rk_'], pattern: /()\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}\b/g },
  { hints: ['aiza'], pattern: /()\bAIza[A-Za-z0-9_-]{35}/g },
  { hints: ['ya29.'], pattern: /()\bya29\.[A-Za-z0-9_-]{20,}/g },
  { hints: ['hf_'], pattern: /()\bhf_[A-Za-z0-9]{30,}\b/g },
  { hints: ['pypi-'], pattern: /()\bpypi-[A-Za-z0-9_-]{40,}/g },
  { hints: ['dckr_'], pattern: /()\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}/g },
  { hints: ['dop_v1_'], pattern: /()\bdop_v1_[a-f0-9]{40,}\b/g },
  { hints: ['hvs.', 'hvb.'], pattern: /()\bhv[sb]\.[A-Za-z0-9_-]{20,}/g },
  { hints: ['sg.'], pattern: /()\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,}/g },
  { hints: ['shpat_', 'shpss_', 'shpca_'], pattern: /()\bshp(?:at|ss|ca)_[a-fA-F0-9]{32}\b/g },
  { hints: ['atatt3'], pattern: /()\bATATT3[A-Za-z0-9_=-]{20,}/g },
  { hints: ['aoa', 'aor'], pattern: /()\b(?:aoa|aor)[A-Z][A-Za-z0-9+/=:_-]{60,}/g },
  // Session tokens of STS, which begin with an encoded name of their issuer, and API keys of Bedrock.
  {
    hints: ['iqojb3', 'fqogzxi', 'fwogzxi'],
    pattern: /()\b(?:IQoJb3JpZ2lu|F[Qw]oGZXIvYXdz)[A-Za-z0-9+/=_-]{40,}/g,
  },
  { hints: ['absk'], pattern: /()\bABSK[A-Za-z0-9+/]{60,}={0,2}/g },
  { hints: ['bedrock-api'], pattern: /()\bbedrock-api-key-[A-Za-z0-9+/=_-]{20,}/g },
];

/** A member called `code` is the code of an error everywhere but in an OAuth exchange, which has one of these besides. */
const oauthHints = /grant_?type|redirect_?uri|code_?verifier|client_?id/i;
const oauthCode: RegExp = new RegExp(String.raw`((\\{0,8}["'])code\2\s{0,9}:\s{0,9}\2)${restOfQuoted}+`, 'gi');

const allHints = [
  ...new Set(secretKinds.flatMap(({ hints }) => hints)),
  'signature',
  'otp',
  'granttype',
  'grant_type',
  'redirect',
  'client_id',
  'clientid',
];

/**
 * Finds a text that may hold a secret. Nearly all texts hold none, and one look for all hints at once is a hundred
 * times cheaper than trying every pattern; in lower case it is twice as fast as without regard to case.
 */
const anyHint = new RegExp(allHints.map((hint) => hint.replaceAll(/[.?*+^$()[\]{}|\\/]/g, String.raw`\$&`)).join('|'));

const maxRememberedNames = 2000;
const rememberedNames = new Map<string, boolean>();

/** Whether the value of a member with that name is always a secret. */
export function isSecretName(name: string): boolean {
  if (name.length > 40) return false;
  const remembered = rememberedNames.get(name);
  if (remembered !== undefined) return remembered;
  const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
  const isSecret = secretNames.has(plain) || secretNameEnd.test(plain);
  if (rememberedNames.size >= maxRememberedNames) rememberedNames.clear();
  rememberedNames.set(name, isSecret);
  return isSecret;
}

/** Names of headers that carry secrets whatever else they say; some are for proxies and gateways of one maker. */
const secretHeader =
  /(?:^|-)(?:authorization|auth|cookie|token|secret|password|passwd|signature|credentials?|assertion|jwt|api-?key|session-?id|client-data)(?:$|-)|(?:token|secret|password|apikey|api-key|access-key|-key)$/;

/** Whether the value of an HTTP header with that name, in lower case, is always a secret. */
export function isSecretHeader(name: string): boolean {
  if (harmlessHeaders.has(name)) return false;
  const remembered = rememberedHeaders.get(name);
  if (remembered !== undefined) return remembered;
  const argument = name.startsWith('mcp-param-') ? name.slice('mcp-param-'.length) : name;
  const isSecret = secretHeader.test(argument) || isSecretName(argument);
  if (rememberedHeaders.size >= maxRememberedNames) rememberedHeaders.clear();
  rememberedHeaders.set(name, isSecret);
  return isSecret;
}

/** Names that only look like those of secrets. */
const harmlessHeaders = new Set(['www-authenticate', 'sec-websocket-key', 'idempotency-key', 'surrogate-key']);
const rememberedHeaders = new Map<string, boolean>();

/** Replaces every known kind of secret in `text`. */
export function redactText(text: string): string {
  const lower = text.toLowerCase();
  if (!anyHint.test(lower)) return text;
  let redacted = text;
  for (const { hints, pattern } of secretKinds) {
    if (hints.some((hint) => lower.includes(hint))) redacted = redacted.replace(pattern, `$1${redactedMark}`);
  }
  return oauthHints.test(lower) ? redacted.replace(oauthCode, `$1${redactedMark}`) : redacted;
}

/** Deeper values are left out of a redacted copy: nothing real nests so far, and the stack must hold. */
const maxDepth = 500;

/** A copy of a JSON value with the secrets replaced, by the name of the member or by what the text looks like. */
export function redactJson(value: unknown): JsonValue {
  return redactValue(value, false, 0);
}

function redactValue(value: unknown, isSecret: boolean, depth: number): JsonValue {
  if (typeof value === 'string') return isSecret && value !== '' ? redactedMark : redactText(value);
  if (typeof value === 'number') return isSecret ? redactedMark : value;
  if (depth > maxDepth) return '[nested too deep]';
  // A list under a secret's name (`set-cookie`) is a list of secrets; an object under it may as well be a schema.
  if (Array.isArray(value)) return value.map((item) => redactValue(item, isSecret, depth + 1));
  if (isRecord(value)) {
    const copy: { [key: string]: JsonValue } = {};
    const isSecretMember = secretMembersOf(value);
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      Object.defineProperty(copy, redactText(name), {
        value: redactValue(member, isSecretMember(name), depth + 1),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return copy;
  }
  return typeof value === 'boolean' ? value : null;
}

/**
 * Which members of `record` have secrets for values: by their own names, because the record is an entry of a list of
 * names and values and names a secret, or because it is an OAuth exchange with a code.
 */
export function secretMembersOf(record: Record<string, unknown>): (name: string) => boolean {
  if (namesSecret(record)) return (name) => isSecretName(name) || /value$/i.test(name);
  return typeof record['code'] === 'string' && oauthNames.some((name) => record[name] !== undefined)
    ? (name) => name === 'code' || isSecretName(name)
    : isSecretName;
}

const oauthNames = [
  'grant_type',
  'grantType',
  'redirect_uri',
  'redirectUri',
  'code_verifier',
  'codeVerifier',
  'client_id',
  'clientId',
];

const listNames = ['key', 'name', 'parameterKey', 'outputKey', 'Key', 'Name', 'ParameterKey', 'OutputKey'];

/** Whether it is one entry of a list of names and values (tags, headers, stack parameters) whose name is a secret's. */
function namesSecret(entry: Record<string, unknown>): boolean {
  for (const name of listNames) {
    const given = entry[name];
    if (typeof given === 'string' && isSecretName(given)) return true;
  }
  return false;
}
