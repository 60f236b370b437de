import * as path from 'node:path';
import type { ConfigFile } from './configFile';
import { nodeAt, nodeOf, type ConfigNode } from './configNode';
import { quoteName, type ConfigProblem, type ConfigProblemCode } from './configProblem';
import { FieldReader } from './fieldReader';
import { parseJsonText, type ParsedText } from './jsonText';
import type { OwnerFormat, ServerList } from './ownerFormat';
import { ownerFormats } from './ownerFormats';
import { readInputs } from './owners/vscodeFormat';
import type { ConfigContents, ServerEntry } from './serverEntry';
import type { InputDefinition } from './serverTemplate';
import { decodeText, LineIndex, type TextSpan } from './sourceText';
import { parseTomlText } from './tomlText';

/** Reads the servers in the bytes of a config file. Never throws: what is wrong is among the problems. */
export function readConfigBytes(file: ConfigFile, bytes: Uint8Array): ConfigContents {
  const { text, invalidAt } = decodeText(bytes);
  if (invalidAt === undefined) return readConfigText(file, text);
  const message = 'The file is not UTF-8 text.';
  const place = new LineIndex(text).placeOf(invalidAt);
  return brokenContents(file, { severity: 'error', code: 'notText', message, file: file.path, ...place });
}

/** Reads the servers in the text of a config file, without a byte order mark. */
export function readConfigText(file: ConfigFile, text: string): ConfigContents {
  const format = ownerFormats[file.owner];
  const { root, problems } = parseConfigText(format, text);
  const reader = new ContentsReader(file, format, new LineIndex(text));
  for (const { severity, message, offset } of problems) {
    const span = { start: offset, end: offset };
    if (severity === 'error') reader.report('error', 'syntax', message, span);
    else if (severity === 'warning') reader.report('warning', 'duplicateName', message, span);
    else if (format.syntax === 'json') {
      reader.report('warning', 'strictSyntax', `${message} The owner of this file may ignore all of it.`, span);
    }
  }
  return reader.read(
    root,
    problems.some(({ severity }) => severity === 'error'),
  );
}

/** Reads servers that stand in no text, e.g. the value of our own setting as the editor merged it. */
export function readConfigValue(file: ConfigFile, value: unknown): ConfigContents {
  return new ContentsReader(file, ownerFormats[file.owner], new LineIndex('')).read(nodeOf(value), false);
}

/** What is known about a file that could not be read. */
export function brokenContents(file: ConfigFile, problem: ConfigProblem): ConfigContents {
  return { file, entries: [], problems: [problem], isBroken: true };
}

/** Parses a text in the syntax of its owner, with only those members that matter for servers. */
export function parseConfigText(format: OwnerFormat, text: string): ParsedText {
  if (format.syntax === 'toml') return parseTomlText(text);
  return parseJsonText(text, format.keeps === undefined ? {} : { keeps: format.keeps });
}

class ContentsReader {
  readonly #file: ConfigFile;
  readonly #format: OwnerFormat;
  readonly #lines: LineIndex;
  readonly #problems: ConfigProblem[] = [];

  constructor(file: ConfigFile, format: OwnerFormat, lines: LineIndex) {
    this.#file = file;
    this.#format = format;
    this.#lines = lines;
  }

  report(
    severity: ConfigProblem['severity'],
    code: ConfigProblemCode,
    message: string,
    span: TextSpan,
    server?: string,
  ): void {
    const place = this.#lines.placeOf(span.start);
    const about = server === undefined ? {} : { server };
    this.#problems.push({ severity, code, message, file: this.#file.path, ...place, ...about });
  }

  read(root: ConfigNode | undefined, isBroken: boolean): ConfigContents {
    const entries: ServerEntry[] = [];
    if (root !== undefined && root.kind !== 'object') {
      this.report('error', 'wrongType', 'The file must hold an object.', root.span);
    } else if (!isBroken) {
      for (const list of this.#format.lists(root, this.#file)) this.#readList(root, list, entries);
    }
    return { file: this.#file, entries, problems: this.#problems, isBroken };
  }

  #readList(root: ConfigNode | undefined, list: ServerList, entries: ServerEntry[]): void {
    const node = nodeAt(root, list.path);
    if (node === undefined) return;
    if (node.kind !== 'object') {
      this.report('error', 'wrongType', `${quoteName(list.path.at(-1) ?? '')} must be an object.`, node.span);
      return;
    }
    const inputs: ReadonlyMap<string, InputDefinition> =
      list.inputsPath === undefined
        ? new Map()
        : readInputs(root, list.inputsPath, (message, { span }) => this.report('warning', 'wrongType', message, span));
    const folder = list.folder === undefined ? this.#file.folder : folderOf(list.folder);
    for (const [name, member] of node.members) {
      const report = (
        severity: ConfigProblem['severity'],
        code: ConfigProblemCode,
        message: string,
        span: TextSpan,
      ): void => this.report(severity, code, message, span, name);
      if (member.value.kind !== 'object') {
        report('error', 'wrongType', `The server ${quoteName(name)} must be an object.`, member.span);
        continue;
      }
      const fields = new FieldReader(member.value, report);
      const template = this.#format.read(fields);
      if (!template) continue;
      entries.push({
        owner: this.#file.owner,
        scope: list.scope ?? this.#file.scope,
        name,
        template,
        isDisabled: list.isDisabled?.(name) === true || this.#format.isDisabled?.(fields) === true,
        file: this.#file,
        path: [...list.path, name],
        span: member.span,
        place: this.#lines.placeOf(member.span.start),
        ...(folder === undefined ? {} : { folder }),
        inputs,
      });
    }
  }
}

function folderOf(folder: string): { name: string; path: string } {
  // Either separator: the file may come from another system than we run on.
  return { name: path.win32.basename(folder), path: folder };
}
