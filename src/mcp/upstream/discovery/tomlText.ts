import { parse, TomlError } from 'smol-toml';
import { nodeOf, type ConfigNode } from './configNode';
import type { ParsedText } from './jsonText';
import type { TextSpan } from './sourceText';
import { scanToml, type TomlPairPlace, type TomlStatement } from './tomlStatements';

/** Reads TOML. Never throws. */
export function parseTomlText(text: string): ParsedText {
  let value: unknown;
  try {
    value = parse(text, { integersAsBigInt: 'asNeeded', maxDepth: 100 });
  } catch (error) {
    if (error instanceof TomlError) {
      return {
        root: undefined,
        // Only the first line of the message: the others show the text, and with it maybe a secret.
        problems: [{ severity: 'error', message: sentenceOf(error.message), offset: offsetOf(text, error) }],
      };
    }
    if (!(error instanceof RangeError)) throw error;
    return {
      root: undefined,
      problems: [{ severity: 'error', message: 'The values are nested too deep.', offset: 0 }],
    };
  }
  const places: Place = { children: new Map() };
  for (const statement of scanToml(text) ?? []) addStatement(places, statement);
  return { root: withPlaces(nodeOf(value), places, { start: 0, end: text.length }), problems: [] };
}

function sentenceOf(message: string): string {
  const [first = ''] = message.split('\n');
  const reason = first.replace(/^Invalid TOML document: /, '');
  return `This is not valid TOML: ${reason}.`;
}

function offsetOf(text: string, error: TomlError): number {
  let offset = 0;
  for (let line = 1; line < error.line; line++) offset = text.indexOf('\n', offset) + 1;
  return offset + error.column - 1;
}

/** Where a table or value stands; a table can stand in several places, then from the first to the last. */
interface Place {
  span?: TextSpan;
  children: Map<string, Place>;
}

function addStatement(root: Place, statement: TomlStatement): void {
  if (statement.kind === 'header') placeAt(root, statement.path, statement.span);
  else addPair(root, statement.path, statement.pair);
}

function addPair(root: Place, path: readonly string[], pair: TomlPairPlace): void {
  const place = placeAt(root, path, pair.span);
  for (const inner of pair.value.pairs ?? []) addPair(place, inner.key, inner);
}

function placeAt(root: Place, path: readonly string[], span: TextSpan): Place {
  let place = root;
  for (const name of path) {
    let child = place.children.get(name);
    if (!child) place.children.set(name, (child = { children: new Map() }));
    child.span = child.span
      ? { start: Math.min(child.span.start, span.start), end: Math.max(child.span.end, span.end) }
      : span;
    place = child;
  }
  return place;
}

function withPlaces(node: ConfigNode, place: Place | undefined, fallback: TextSpan): ConfigNode {
  const span = place?.span ?? fallback;
  if (node.kind === 'scalar') return { ...node, span };
  if (node.kind === 'array') {
    return { kind: 'array', span, items: node.items.map((item) => withPlaces(item, undefined, span)) };
  }
  const members: typeof node.members = new Map();
  for (const [name, member] of node.members) {
    const value = withPlaces(member.value, place?.children.get(name), span);
    members.set(name, { span: value.span, value });
  }
  return { kind: 'object', span, members };
}
