import { redactedMark, redactJson } from '../../core/redact';
import type { JsonValue } from '../../core/json';
import type { ProtocolEra } from '../wireRecord';
import { findGaps } from './gaps';
import type { Reply } from './comparable';

/** A call from which a command or a test is made. */
export interface CallToGenerate {
  method: string;
  /** Tool, prompt or resource. */
  target?: string | undefined;
  params: Readonly<Record<string, unknown>>;
  /** Whether something in the parameters was cut when they were recorded. */
  isCut?: boolean;
  /** What it came to, where that is known. */
  reply?: Reply | undefined;
  /** Arguments that a modern request repeats in headers (`x-mcp-header`). */
  parameterHeaders?: readonly { header: string; path: readonly string[] }[];
}

/** What is generated is made for one server. */
export interface GenerateOptions {
  server: string;
  era: ProtocolEra;
  /** Revision that legacy sessions settle on. */
  protocolVersion?: string | undefined;
}

/** The text that was made, or why it cannot be. */
export type GeneratedText = { text: string; secrets: string[] } | { problem: string; remedy: string };

export const latestLegacyVersion = '2025-11-25';
export const modernVersion = '2026-07-28';

/** What a part of a text is: itself, or a secret that is a variable of the environment. */
export type SecretPiece = { text: string } | { variable: string };

/**
 * Takes secrets out of what is generated: each place where one stood, or where one would stand, becomes a variable of
 * the environment with a name of its own.
 */
export class SecretVariables {
  readonly #names = new Set<string>();

  get names(): string[] {
    return [...this.#names];
  }

  /** A variable for a secret; what it is called helps to know which one. */
  add(about: string, prefix = 'MCP_SECRET_'): string {
    const word = about
      .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, 40);
    const name = `${prefix}${word === '' ? 'VALUE' : word}`.replace(/_$/, '');
    let unique = name;
    for (let count = 2; this.#names.has(unique); count += 1) unique = `${name}_${count}`;
    this.#names.add(unique);
    return unique;
  }

  /** The same variable each time, for what is one secret wherever it is used. */
  shared(name: string): string {
    this.#names.add(name);
    return name;
  }

  /** Takes a redacted text apart. @param about the name of the member that it is the value of */
  pieces(text: string, about: string): SecretPiece[] {
    return text
      .split(redactedMark)
      .flatMap((plain, index) => [
        ...(index === 0 ? [] : [{ variable: this.add(about) }]),
        ...(plain === '' ? [] : [{ text: plain }]),
      ]);
  }
}

/** The parameters without secrets; what is wrong with them where they cannot be used. */
export function paramsToGenerate({
  params,
  isCut = false,
}: CallToGenerate): { params: JsonValue } | { problem: string; remedy: string } {
  const cut = findGaps(params, isCut).find(({ kind }) => kind === 'cut');
  if (cut) {
    return {
      problem: `${cut.path} was longer than is recorded.`,
      remedy: 'Put the whole value into the parameters first.',
    };
  }
  return { params: redactJson(params) };
}
