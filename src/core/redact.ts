import { isRecord, type JsonValue } from './json';

/** What stands where a secret stood. */
export const redactedMark = '[redacted]';

/**
 * Member names whose values are secrets whatever they look like, lower case, without `-` and `_`.
 * Names are compared whole: `nextToken` of a list API is no secret, `sessionToken` is.
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

/** Texts that are secrets wherever they stand. Each keeps what is not secret in its first group. */
const secretPatterns: readonly RegExp[] = [
  /(\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}/gi,
  /()\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g,
  /((?:aws_?)?(?:secret_?access_?key|session_?token|security_?token)["']?\s*[:=]\s*["']?)[A-Za-z0-9/+=_-]{16,}/gi,
  /((?:password|passwd|client_?secret|api_?key|access_?token|refresh_?token|code_?verifier|device_?code)["']?\s*[:=]\s*["']?)[^\s"'&,;}]{4,}/gi,
  /([?&](?:X-Amz-Signature|X-Amz-Security-Token|X-Amz-Credential|Signature|code|token|access_token)=)[^&\s"'<>]+/gi,
  /()\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/g,
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /()\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36,}\b/g,
  /()\bgithub_pat_[A-Za-z0-9_]{22,}\b/g,
  /()\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /()\bsk-[A-Za-z0-9_-]{20,}\b/g,
  /()\b(?:aoa|aor)[A-Z][A-Za-z0-9+/=:_-]{60,}/g,
];

/**
 * Finds a text that may hold a secret: whatever one of `secretPatterns` replaces contains one of these. Nearly all
 * texts contain none, and one look is a hundred times cheaper than trying every pattern.
 */
const secretHint =
  /bearer|basic|a(?:kia|sia|bia|cca)|secret|token|passw|api_?key|verifier|device_?code|x-amz-|signature=|[?&]code=|eyj|private key|gh[pousr]_|github_pat_|xox|sk-|ao[ar][a-z]/i;

const maxRememberedNames = 2000;
const rememberedNames = new Map<string, boolean>();

/** Whether the value of a member with that name is always a secret. */
export function isSecretName(name: string): boolean {
  if (name.length > 40) return false;
  const remembered = rememberedNames.get(name);
  if (remembered !== undefined) return remembered;
  const isSecret = secretNames.has(name.toLowerCase().replaceAll(/[-_]/g, ''));
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
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      Object.defineProperty(copy, redactText(name), {
        value: redactValue(member, isSecretName(name), depth + 1),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return copy;
  }
  return typeof value === 'boolean' ? value : null;
}
