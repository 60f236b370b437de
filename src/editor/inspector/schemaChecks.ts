import { runInNewContext } from 'node:vm';
import { messageOf } from '../../core/errors';
import { isRecord, type JsonObject } from '../../core/json';
import { joinPath, type Finding } from '../../traffic/finding';
import type { CheckedExchange } from '../../traffic/protocolChecks';

/** A schema from somewhere else may ask for endless work, e.g. with a pattern that backtracks. */
const maxMilliseconds = 500;
const maxFindings = 50;
const maxCheckedChars = 2 * 1024 * 1024;

/**
 * Checks a tool call against the input schema of its tool and the result against the output schema. The validator is
 * loaded when it is first needed. Never rejects: a schema that cannot be used is a finding itself.
 */
export async function checkSchemas({ request, response, facts }: CheckedExchange): Promise<Finding[]> {
  const schemas = facts?.schemas;
  if (!schemas) return [];
  const sent = readMember(request, 'params');
  const result = readMember(response, 'result');
  const findings: Finding[] = [];
  if (sent && schemas.inputSchema) {
    findings.push(...(await check(schemas.inputSchema, sent['arguments'] ?? {}, 'request', 'params.arguments')));
  }
  const structured = result?.['structuredContent'];
  if (result && result['isError'] !== true && structured !== undefined && schemas.outputSchema) {
    findings.push(...(await check(schemas.outputSchema, structured, 'response', 'result.structuredContent')));
  }
  return findings;
}

function readMember(record: CheckedExchange['request'], name: string): Record<string, unknown> | undefined {
  if (!record || record.isCut === true || record.body.length > maxCheckedChars) return undefined;
  try {
    const message: unknown = JSON.parse(record.body);
    const member = isRecord(message) ? message[name] : undefined;
    return isRecord(member) ? member : undefined;
  } catch {
    return undefined;
  }
}

async function check(
  schema: JsonObject,
  value: unknown,
  message: Finding['message'],
  path: string,
): Promise<Finding[]> {
  const { AjvJsonSchemaValidator } = await import('@modelcontextprotocol/client/validators/ajv');
  try {
    const text = within(() => {
      // Made anew each time, so that schemas of servers that are gone are not kept.
      const outcome = new AjvJsonSchemaValidator().getValidator(schema)(value);
      return outcome.valid ? undefined : outcome.errorMessage;
    });
    if (text === undefined) return [];
    const whose = message === 'request' ? 'The input schema' : 'The output schema';
    return readErrors(text)
      .slice(0, maxFindings)
      .map((error) => ({
        severity: 'error',
        check: 'schema',
        message,
        path: pathOf(path, error, value),
        text: `${whose} says that it ${error.what}.`,
      }));
  } catch (error) {
    const which = message === 'request' ? 'input' : 'output';
    return [
      {
        severity: 'warning',
        check: 'schema',
        message,
        path,
        text: `The ${which} schema of the tool cannot be used to check this: ${messageOf(error).slice(0, 200)}`,
      },
    ];
  }
}

/** Runs `body` with an end, even where it does not come to one itself (`vm`, option `timeout`). */
function within<T>(body: () => T): T {
  return runInNewContext('body()', { body }, { timeout: maxMilliseconds }) as T;
}

interface SchemaError {
  /** JSON pointer (RFC 6901) to the value that is wrong. */
  pointer: string;
  /** E.g. `must be string`. */
  what: string;
}

/** The SDK gives the validator's errors as one text: `data/a/0 must be string, data must have required property 'b'`. */
function readErrors(text: string): SchemaError[] {
  return text.split(/, (?=data(?:\/| must | is ))/).map((part) => {
    const match = /^data(\/.*?)? ((?:must|is) .*)$/s.exec(part);
    return { pointer: match?.[1] ?? '', what: (match?.[2] ?? part).slice(0, 300) };
  });
}

/** The pointer as a path as one writes it in JavaScript; for a property that is missing, the object that lacks it. */
function pathOf(base: string, { pointer }: SchemaError, value: unknown): string {
  let path = base;
  let at: unknown = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path = joinPath(path, Array.isArray(at) ? Number(key) : key);
    at = isRecord(at) || Array.isArray(at) ? (at as Record<string, unknown>)[key] : undefined;
  }
  return path;
}
