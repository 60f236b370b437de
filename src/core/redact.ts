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
]);

/** Ends of longer names that make the value a secret just as surely, e.g. `DatabasePassword` or `stripeApiKey`. */
const secretNameEnd =
  /(?:password|passwd|passphrase|clientsecret|appsecret|jwtsecret|secretkey|secretaccesskey|sessiontoken|securitytoken|accesstoken|refreshtoken|bearertoken|authtoken|apitoken|apikey|privatekey)$/;

/** Member names as they stand in text that holds JSON or settings; longer names may end in them. */
const namesInText =
  'password|passwd|passphrase|secret|client[_-]?secret|secret[_-]?key|secret[_-]?access[_-]?key|session[_-]?token|security[_-]?token|access[_-]?token|refresh[_-]?token|id[_-]?token|bearer[_-]?token|auth[_-]?token|api[_-]?token|api[_-]?key|private[_-]?key|device[_-]?code|code[_-]?verifier|authorization|set-cookie|cookie';

/**
 * Texts that are secrets wherever they stand. Each keeps what is not secret in its first group. Repetitions that may
 * start at every character have a limit, so that no text makes them slow.
 */
const secretPatterns: readonly RegExp[] = [
  // A member of JSON, also of JSON inside a JSON string, where the quotes have backslashes.
  new RegExp(
    `((\\\\{0,8}["'])[\\w.-]{0,64}?(?:${namesInText})\\2\\s{0,9}[:=]\\s{0,9}\\2)(?:(?!\\2)(?:\\\\[^]|[^\\\\]))+`,
    'gi',
  ),
  /(\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi,
  // Something must tell base64 from a word: "Basic monitoring" is no secret.
  /(\b[Bb](?:asic|ASIC)\s+)(?=[A-Za-z+/]{0,64}[0-9=]|[A-Za-z]{1,64}[A-Z])[A-Za-z0-9+/]{8,}={0,2}/g,
  /()\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g,
  /((?:aws_?)?(?:secret_?access_?key|session_?token|security_?token)(?:\\{0,8}["'])?\s{0,9}[:=]\s{0,9}(?:\\{0,8}["'])?)[A-Za-z0-9/+=_-]{16,}/gi,
  /((?:password|passwd|client_?secret|api_?key|access_?token|refresh_?token|code_?verifier|device_?code)(?:\\{0,8}["'])?\s{0,9}[:=]\s{0,9}(?:\\{0,8}["'])?)[^\s"'&,;}]{4,}/gi,
  // Variables as shells and env files write them.
  /(\b[A-Z0-9_]{0,64}(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|PRIVATE_KEY|ACCESS_KEY)\s{0,3}=\s{0,3}(?:\\{0,8}["'])?)[^\s"']{4,}/g,
  // The password of a URL.
  /(\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/@]{0,128}:)[^\s/@]{1,256}(?=@)/gi,
  /([?&](?:X-Amz-Signature|X-Amz-Security-Token|X-Amz-Credential|Signature|code|token|access_token)=)[^&\s"'<>]+/gi,
  /()\beyJ[A-Za-z0-9_-]{8,2048}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/g,
  /()-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
  /()\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36,}\b/g,
  /()\bgithub_pat_[A-Za-z0-9_]{22,}\b/g,
  /()\bglpat-[A-Za-z0-9_-]{20,}/g,
  /()\bnpm_[A-Za-z0-9]{36,}\b/g,
  /()\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /()\bsk-[A-Za-z0-9_-]{20,}\b/g,
  /()\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}\b/g,
  /()\bAIza[A-Za-z0-9_-]{35}/g,
  /()\b(?:aoa|aor)[A-Z][A-Za-z0-9+/=:_-]{60,}/g,
  // Session tokens of STS, which begin with an encoded name of their issuer, and API keys of Bedrock.
  /()\b(?:IQoJb3JpZ2lu|F[Qw]oGZXIvYXdz)[A-Za-z0-9+/=_-]{40,}/g,
  /()\bABSK[A-Za-z0-9+/]{60,}={0,2}/g,
  /()\bbedrock-api-key-[A-Za-z0-9+/=_-]{20,}/g,
];

/**
 * Finds a text that may hold a secret: whatever one of `secretPatterns` replaces contains one of these. Nearly all
 * texts contain none, and one look is a hundred times cheaper than trying every pattern.
 */
const secretHint =
  /bearer|basic|a(?:kia|sia|bia|cca)|secret|token|pass(?:w|phrase)|api[_-]?key|private[ _-]?key|access_key|verifier|device[_-]?code|authorization|cookie|:\/\/[^\s/]{0,300}@|x-amz-|signature=|[?&]code=|eyj|gh[pousr]_|github_pat_|glpat-|npm_|xox|sk-|[rs]k_|aiza|ao[ar][a-z]|iqojb3|f[qw]ogzxi|absk/i;

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

/** Replaces every known kind of secret in `text`. */
export function redactText(text: string): string {
  if (!secretHint.test(text)) return text;
  let redacted = text;
  for (const pattern of secretPatterns) redacted = redacted.replace(pattern, `$1${redactedMark}`);
  return redacted;
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
 * Which members of `record` have secrets for values: by their own names, or because the record is an entry of a list of
 * names and values and names a secret.
 */
export function secretMembersOf(record: Record<string, unknown>): (name: string) => boolean {
  return namesSecret(record) ? (name) => isSecretName(name) || /value$/i.test(name) : isSecretName;
}

/** Whether it is one entry of a list of names and values (tags, headers, stack parameters) whose name is a secret's. */
function namesSecret(entry: Record<string, unknown>): boolean {
  for (const name of ['key', 'name', 'parameterKey', 'outputKey', 'Key', 'Name', 'ParameterKey', 'OutputKey']) {
    const given = entry[name];
    if (typeof given === 'string' && isSecretName(given)) return true;
  }
  return false;
}
