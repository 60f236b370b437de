import { createHash } from 'node:crypto';
import { WorkbenchError } from '../../../../core/errors';
import { canonicalJson, isRecord, type JsonObject } from '../../../../core/json';
import { readConfigText } from '../configContents';
import type { ConfigFile } from '../configFile';
import { memberAt, nodeAt, valueOf, type ConfigMember, type ConfigNode } from '../configNode';
import { ownerLabels } from '../configOwner';
import { quoteName } from '../configProblem';
import { parseJsonText } from '../jsonText';
import type { OwnerFormat } from '../ownerFormat';
import { ownerFormats } from '../ownerFormats';
import type { InputDefinition, ServerTemplate } from '../serverTemplate';
import { parseTomlText } from '../tomlText';
import { JsonEditor } from './jsonEdits';
import { applyEdits, editBetween, invertEdits, type TextEdit } from './textEdit';
import { TomlEditor } from './tomlEdits';

/** A change of a config file, checked by reading the result. Texts have no byte order mark. */
export interface ServerEdit {
  edits: TextEdit[];
  /** The text after the edits. */
  text: string;
  undo: ServerUndo;
}

/**
 * How to take a change back, also when the file has changed elsewhere since. It is plain JSON. It holds the entry as it
 * was, secrets included, so it belongs in the secret storage.
 */
export interface ServerUndo {
  path: string[];
  /**
   * The entry as it stood in the text before; absent: there was none. `elsewhere`: its text cannot be moved, so that it
   * comes back only with `inverse`.
   */
  source?: { kind: 'value' | 'lines'; text: string } | { kind: 'elsewhere' };
  /** The value of the entry after the change; absent: it was removed. */
  written?: string;
  /** Hash of the text after the change, for which `inverse` restores every character. */
  resultHash: string;
  inverse: TextEdit[];
}

export interface AddServerOptions {
  /** The list to add to, where a file has several (Claude Code's projects). Default: the first. */
  listPath?: readonly string[];
  /** Inputs that the server's variables need; only VS Code's format has a place for them. */
  inputs?: readonly InputDefinition[];
}

/** Fields that say how a server is started or reached; all others (time limits, tool lists) outlive a switch. */
const transportFields: ReadonlySet<string> = new Set([
  'type',
  'command',
  'args',
  'env',
  'envFile',
  'cwd',
  'url',
  'serverUrl',
  'httpUrl',
  'tcp',
  'headers',
  'headersHelper',
  'oauth',
  'auth',
  'authProviderType',
  'sandbox',
  'sandboxEnabled',
  'dev',
  'env_vars',
  'bearer_token',
  'bearer_token_env_var',
  'http_headers',
  'env_http_headers',
  'scopes',
  'oauth_resource',
]);

/**
 * Adds a server to a config file; an empty text becomes a new file.
 * @throws WorkbenchError `InvalidInput` where the name is taken or the file is broken, `Unsupported` where the owner
 * cannot have such a server or the file is written in a way that we cannot extend.
 */
export function addServer(
  file: ConfigFile,
  text: string,
  name: string,
  template: ServerTemplate,
  options: AddServerOptions = {},
): ServerEdit {
  const format = ownerFormats[file.owner];
  const root = parseWhole(format, file, text);
  const list = format.lists(root, file)[0];
  const path = [...(options.listPath ?? list?.path ?? []), name];
  if (nodeAt(root, path)) {
    throw new WorkbenchError('InvalidInput', `There is a server ${quoteName(name)} in the file already.`, {
      remedy: 'Choose another name.',
    });
  }
  const value = written(format, template);
  let edits =
    format.syntax === 'toml'
      ? new TomlEditor(text).appendTable(path, value)
      : new JsonEditor(text, root).insertMember(path, value);
  const inputs = list?.inputsPath === undefined ? [] : (options.inputs ?? []);
  if (list?.inputsPath !== undefined && inputs.length > 0) {
    edits = editBetween(text, withInputs(applyEdits(text, edits), list.inputsPath, inputs));
  }
  return checked(file, text, edits, path, template, inputs.length > 0 ? [list?.inputsPath ?? []] : []);
}

/**
 * Removes a server from a config file.
 * @param path of the entry, as discovery gives it
 * @throws WorkbenchError `NotFound` where there is no such entry, `InvalidInput` where the file is broken.
 */
export function removeServer(file: ConfigFile, text: string, path: readonly string[]): ServerEdit {
  const format = ownerFormats[file.owner];
  const root = parseWhole(format, file, text);
  const edits = removal(format, text, root, path);
  return checked(file, text, edits, path, undefined, []);
}

/**
 * Makes an entry lead elsewhere, e.g. to our relay. What the entry says beyond how to reach the server stays.
 * @throws WorkbenchError `NotFound` where there is no such entry, `InvalidInput` where the file is broken,
 * `Unsupported` where the owner cannot have such a server.
 */
export function switchServer(
  file: ConfigFile,
  text: string,
  path: readonly string[],
  template: ServerTemplate,
): ServerEdit {
  const format = ownerFormats[file.owner];
  const root = parseWhole(format, file, text);
  const member = memberAt(root, path);
  if (member?.value.kind !== 'object') throw notFound(path);
  const value = written(format, template);
  let edits: TextEdit[] | undefined;
  if (format.syntax === 'toml') {
    edits = new TomlEditor(text).replaceMembers(path, transportFields, value);
  } else {
    const kept = Object.entries(plain(member.value)).filter(([name]) => !transportFields.has(name));
    edits = new JsonEditor(text, root).replaceValue(member, { ...value, ...Object.fromEntries(kept) });
  }
  if (!edits) throw unsupportedText();
  return checked(file, text, edits, path, template, []);
}

/**
 * Makes an entry that was switched before lead elsewhere again. The undo leads back to what it said at first.
 * @param undo of the first switch
 * @throws WorkbenchError as `undoServerEdit` and `switchServer`
 */
export function switchServerAgain(
  file: ConfigFile,
  text: string,
  undo: ServerUndo,
  template: ServerTemplate,
): ServerEdit {
  const first = undoServerEdit(file, text, undo);
  const again = switchServer(file, first.text, undo.path, template);
  return { ...again, edits: editBetween(text, again.text) };
}

/**
 * Takes a change back. Where the file is as the change left it, every character is restored; otherwise the entry is,
 * and all that changed since stays.
 * @throws WorkbenchError `NotFound` or `InvalidInput` where the entry itself is not as the change left it.
 */
export function undoServerEdit(file: ConfigFile, text: string, undo: ServerUndo): ServerEdit {
  if (hashOf(text) === undo.resultHash) {
    return {
      edits: undo.inverse,
      text: applyEdits(text, undo.inverse),
      undo: undoOf(file, text, undo.inverse, undo.path),
    };
  }
  const format = ownerFormats[file.owner];
  const root = parseWhole(format, file, text);
  const node = nodeAt(root, undo.path);
  if (undo.written !== undefined && !node) throw notFound(undo.path);
  if ((node ? canonicalJson(valueOf(node)) : undefined) !== undo.written) {
    throw new WorkbenchError('InvalidInput', `The server ${quoteName(undo.path.at(-1) ?? '')} was edited since.`, {
      remedy: 'Edit the file by hand, or remove the entry and try again.',
    });
  }
  const edits = restoring(format, text, root, undo);
  const result = applyEdits(text, edits);
  parseResult(format, result);
  assertOthersUnchanged(format, text, result, [undo.path]);
  return { edits, text: result, undo: undoOf(file, text, edits, undo.path) };
}

function restoring(format: OwnerFormat, text: string, root: ConfigNode | undefined, undo: ServerUndo): TextEdit[] {
  const { path, source } = undo;
  if (source === undefined) return removal(format, text, root, path);
  if (source.kind === 'elsewhere') throw unsupportedText();
  const member = memberAt(root, path);
  if (format.syntax === 'toml') {
    const editor = new TomlEditor(text);
    if (!member && source.kind === 'lines') return editor.appendSource(source.text);
    const edits = editor.replaceSource(path, source);
    if (!edits) throw unsupportedText();
    return edits;
  }
  if (!member) return new JsonEditor(text, root).insertSource(path, source.text);
  const { start, end } = member.value.span;
  return [{ offset: start, length: end - start, text: source.text }];
}

function removal(format: OwnerFormat, text: string, root: ConfigNode | undefined, path: readonly string[]): TextEdit[] {
  if (!nodeAt(root, path)) throw notFound(path);
  if (format.syntax === 'toml') {
    const edits = new TomlEditor(text).removeTable(path);
    if (!edits) throw unsupportedText();
    return edits;
  }
  const parent = nodeAt(root, path.slice(0, -1));
  if (parent?.kind !== 'object') throw notFound(path);
  return new JsonEditor(text, root).removeMember(parent, path.at(-1) ?? '');
}

/** Makes the edit and reads the result: the entry must be what was wanted, and all else what it was. */
function checked(
  file: ConfigFile,
  text: string,
  edits: TextEdit[],
  path: readonly string[],
  template: ServerTemplate | undefined,
  others: readonly (readonly string[])[],
): ServerEdit {
  const format = ownerFormats[file.owner];
  const result = applyEdits(text, edits);
  const root = parseResult(format, result);
  const isThere = nodeAt(root, path) !== undefined;
  if (isThere !== (template !== undefined)) throw unsupportedText();
  if (template) {
    const entry = readConfigText(file, result).entries.find((candidate) => isSamePath(candidate.path, path));
    const wanted = readConfigText(file, sample(file, format, template)).entries[0];
    if (!entry || canonicalJson(entry.template) !== canonicalJson(wanted?.template)) throw unsupportedText();
  }
  assertOthersUnchanged(format, text, result, [path, ...others]);
  return { edits, text: result, undo: undoOf(file, text, edits, [...path]) };
}

/** A file with nothing but the entry, to know how the owner reads what we write. */
function sample(file: ConfigFile, format: OwnerFormat, template: ServerTemplate): string {
  const list = format.lists(undefined, file)[0]?.path ?? [];
  const path = [...list, 'sample'];
  const value = written(format, template);
  const edits =
    format.syntax === 'toml'
      ? new TomlEditor('').appendTable(path, value)
      : new JsonEditor('', undefined).insertMember(path, value);
  return applyEdits('', edits);
}

function undoOf(file: ConfigFile, text: string, edits: readonly TextEdit[], path: string[]): ServerUndo {
  const format = ownerFormats[file.owner];
  const result = applyEdits(text, edits);
  const before = memberAt(parse(format, text).root, path);
  const after = nodeAt(parse(format, result).root, path);
  const source = before && (sourceOf(format, text, path, before) ?? { kind: 'elsewhere' as const });
  return {
    path,
    ...(source === undefined ? {} : { source }),
    ...(after === undefined ? {} : { written: canonicalJson(valueOf(after)) }),
    resultHash: hashOf(result),
    inverse: invertEdits(text, edits),
  };
}

function sourceOf(
  format: OwnerFormat,
  text: string,
  path: readonly string[],
  { value }: ConfigMember,
): ServerUndo['source'] {
  if (format.syntax === 'toml') return new TomlEditor(text).sourceOf(path);
  return { kind: 'value', text: text.slice(value.span.start, value.span.end) };
}

function withInputs(text: string, path: readonly string[], inputs: readonly InputDefinition[]): string {
  let result = text;
  for (const input of inputs) {
    const { root } = parseJsonText(result);
    const list = nodeAt(root, path);
    const editor = new JsonEditor(result, root);
    const value = inputValue(input);
    if (list?.kind === 'array') {
      const isKnown = list.items.some((item) => {
        const id = nodeAt(item, ['id']);
        return id?.kind === 'scalar' && id.value === input.id;
      });
      if (!isKnown) result = applyEdits(result, editor.appendItem(list, value));
    } else if (!list) {
      result = applyEdits(result, editor.insertMember(path, [value]));
    }
  }
  return result;
}

function inputValue({ isPassword, ...input }: InputDefinition): JsonObject {
  // Without what is undefined.
  return JSON.parse(JSON.stringify({ ...input, ...(isPassword ? { password: true } : {}) })) as JsonObject;
}

function parse(format: OwnerFormat, text: string): ReturnType<typeof parseJsonText> {
  return format.syntax === 'toml' ? parseTomlText(text) : parseJsonText(text);
}

/** Parses all of it, not only what matters for servers. */
function parseWhole(format: OwnerFormat, file: ConfigFile, text: string): ConfigNode | undefined {
  const { root, problems } = parse(format, text);
  const error = problems.find(({ severity }) => severity === 'error');
  if (error || (root !== undefined && root.kind !== 'object')) {
    throw new WorkbenchError(
      'InvalidInput',
      `The configuration of ${ownerLabels[file.owner]} is broken. ${error?.message ?? 'It must hold an object.'}`,
      { remedy: 'Correct the file first.' },
    );
  }
  return root;
}

/** Parses what an edit made; where that is broken, the fault is ours and the text one that we cannot edit. */
function parseResult(format: OwnerFormat, text: string): ConfigNode | undefined {
  const { root, problems } = parse(format, text);
  if (problems.some(({ severity }) => severity === 'error')) throw unsupportedText();
  return root;
}

function assertOthersUnchanged(
  format: OwnerFormat,
  before: string,
  after: string,
  except: readonly (readonly string[])[],
): void {
  const rest = (text: string): string => canonicalJson(without(parse(format, text).root, except));
  if (rest(before) !== rest(after)) throw unsupportedText();
}

/** The value without some members; objects that are then empty are left out, since an edit may make or leave them. */
function without(node: ConfigNode | undefined, except: readonly (readonly string[])[]): unknown {
  if (node === undefined) return {};
  const value = valueOf(node);
  for (const path of except) remove(value, path);
  return value;
}

function remove(value: unknown, path: readonly string[]): void {
  const [name = '', ...rest] = path;
  if (!isRecord(value) || !Object.hasOwn(value, name)) return;
  const member = value[name];
  if (rest.length > 0) remove(member, rest);
  if (rest.length === 0 || (isRecord(member) && Object.keys(member).length === 0)) delete value[name];
}

function written(format: OwnerFormat, template: ServerTemplate): JsonObject {
  const value = format.write(template);
  if (value) return value;
  throw new WorkbenchError('Unsupported', `${ownerLabels[format.owner]} cannot have a server of this kind.`, {
    remedy: 'Use a server that is started as a command, such as the bridge of MCP Workbench.',
  });
}

function plain(node: ConfigNode): JsonObject {
  return valueOf(node) as JsonObject;
}

function isSamePath(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name, index) => name === right[index]);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function notFound(path: readonly string[]): WorkbenchError {
  return new WorkbenchError('NotFound', `There is no server ${quoteName(path.at(-1) ?? '')} in the file.`, {
    remedy: 'Refresh the list of servers.',
  });
}

function unsupportedText(): WorkbenchError {
  return new WorkbenchError('Unsupported', 'The file is written in a way that cannot be edited safely.', {
    remedy: 'Edit it by hand.',
  });
}
