/** What stands in a URI template: text as it is, or a variable. */
type Part = { literal: string } | { variable: string };

const maxUriLength = 16 * 1024;

/**
 * A URI template of RFC 6570 level 1: text with variables such as `{stack}`, whose values are percent-encoded.
 * Source: https://www.rfc-editor.org/rfc/rfc6570
 */
export class UriTemplate {
  readonly text: string;
  readonly variables: readonly string[];
  readonly #parts: readonly Part[];
  readonly #pattern: RegExp;

  /** @throws Error for a template of a higher level, or one that would not say where a value ends. */
  constructor(text: string) {
    this.text = text;
    this.#parts = partsOf(text);
    this.variables = this.#parts.flatMap((part) => ('variable' in part ? [part.variable] : []));
    if (new Set(this.variables).size !== this.variables.length) throw new Error(`A variable comes twice: ${text}`);
    const last = this.#parts.length - 1;
    const source = this.#parts.map((part, index) => {
      if ('literal' in part) return part.literal.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
      const next = this.#parts[index + 1];
      if (next && 'variable' in next) throw new Error(`Two variables stand side by side: ${text}`);
      // The last value may hold what a client left unencoded; those before it end at the next slash.
      return index === last ? '([^]+)' : '([^/]+?)';
    });
    this.#pattern = new RegExp(`^${source.join('')}$`, 'u');
  }

  /**
   * The values of the variables in a URI, decoded.
   * @returns `undefined` for a URI that the template does not make, or whose percent-encoding is broken.
   */
  match(uri: string): Record<string, string> | undefined {
    if (uri.length > maxUriLength) return undefined;
    const found = this.#pattern.exec(uri);
    if (!found) return undefined;
    const values: Record<string, string> = {};
    for (const [index, name] of this.variables.entries()) {
      const value = decode(found[index + 1] ?? '');
      if (value === undefined) return undefined;
      values[name] = value;
    }
    return values;
  }

  /** The URI for these values. */
  expand(values: Readonly<Record<string, string>>): string {
    return this.#parts.map((part) => ('literal' in part ? part.literal : encode(values[part.variable] ?? ''))).join('');
  }
}

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const found of text.matchAll(/\{([^{}]*)\}/g)) {
    const [expression, name = ''] = found;
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) throw new Error(`${expression} is not of level 1: ${text}`);
    if (found.index > end) parts.push({ literal: text.slice(end, found.index) });
    parts.push({ variable: name });
    end = found.index + expression.length;
  }
  if (end < text.length) parts.push({ literal: text.slice(end) });
  if (parts.some((part) => 'literal' in part && /[{}]/.test(part.literal))) throw new Error(`Stray brace: ${text}`);
  return parts;
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/** Everything but unreserved characters, so that no value can be taken for a part of the URI. */
function encode(value: string): string {
  // Through bytes and back, because half a surrogate pair has no encoding.
  const wellFormed = Buffer.from(value, 'utf8').toString('utf8');
  return encodeURIComponent(wellFormed).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
