/**
 * The text of a shared AWS config file, changed setting by setting. Every line that is not the one changed keeps its
 * bytes: comments, order, indentation, line ends and a byte order mark.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export class ConfigText {
  readonly #bom: string;
  readonly #lines: Line[];
  readonly #lineEnd: string;

  constructor(text: string) {
    this.#bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
    this.#lines = splitLines(text.slice(this.#bom.length));
    const windowsEnds = this.#lines.filter(({ end }) => end === '\r\n').length;
    this.#lineEnd = windowsEnds * 2 > this.#lines.length ? '\r\n' : '\n';
  }

  toString(): string {
    return this.#bom + this.#lines.map(({ content, end }) => content + end).join('');
  }

  /** Whether there is such a section. */
  has(kind: SectionKind, name: string): boolean {
    return this.#sections(kind, name).length > 0;
  }

  /** Names of all sections of a kind, in file order, each once. */
  names(kind: SectionKind): string[] {
    const names = this.#allSections().flatMap((section) => (section.kind === kind ? [section.name] : []));
    return [...new Set(names)];
  }

  /** Settings of a section, keys in lower case. Where a section or a key comes twice, the last one counts. */
  settings(kind: SectionKind, name: string): Map<string, string> {
    return new Map(
      this.#sections(kind, name).flatMap((section) => section.settings.map(({ key, value }) => [key, value] as const)),
    );
  }

  /** Sets keys of a section, in their order, and adds the section at the end of the file where there is none. */
  set(kind: SectionKind, name: string, settings: Readonly<Record<string, string>>): void {
    if (!this.has(kind, name)) this.#appendSection(kind, name);
    for (const [key, value] of Object.entries(settings)) this.#setOne(kind, name, key, value);
  }

  /** Removes keys of a section, with what is nested under them. */
  remove(kind: SectionKind, name: string, keys: readonly string[]): void {
    for (const section of this.#sections(kind, name).toReversed()) {
      for (const setting of section.settings.toReversed()) {
        if (keys.includes(setting.key)) this.#lines.splice(setting.line, setting.lines);
      }
    }
  }

  #setOne(kind: SectionKind, name: string, key: string, value: string): void {
    const sections = this.#sections(kind, name);
    const existing = sections.flatMap((section) => section.settings).findLast((setting) => setting.key === key);
    if (existing !== undefined) {
      if (existing.value === value) return;
      const line = this.#lines[existing.line]!;
      const [, before = '', , after = ''] = settingPattern.exec(line.content) ?? [];
      this.#lines.splice(existing.line, existing.lines, { ...line, content: before + value + after });
      return;
    }
    const section = sections.at(-1)!;
    const last = section.settings.at(-1);
    const sample = last === undefined ? undefined : this.#lines[last.line]!.content;
    const [, indent = '', separator = ' = '] = /^(\s*)[^=]*?(\s*=[ \t]*)/.exec(sample ?? '') ?? [];
    // `s3 =` with nested lines has no space to copy.
    const equals = separator.trim() === separator && last?.value === '' ? ' = ' : separator;
    const at = last === undefined ? section.line + 1 : last.line + last.lines;
    this.#insert(at, [`${indent}${key}${equals}${value}`]);
  }

  #appendSection(kind: SectionKind, name: string): void {
    const last = this.#lines.at(-1);
    const contents = [`[${headerOf(kind, name)}]`];
    if (last !== undefined && last.content.trim() !== '') contents.unshift('');
    this.#insert(this.#lines.length, contents);
  }

  #insert(at: number, contents: readonly string[]): void {
    const before = this.#lines[at - 1];
    // The last line of a file may have no end.
    if (before?.end === '') before.end = this.#lineEnd;
    const end = before?.end ?? this.#lineEnd;
    this.#lines.splice(at, 0, ...contents.map((content) => ({ content, end })));
  }

  #sections(kind: SectionKind, name: string): Section[] {
    const all = this.#allSections().filter((section) => section.kind === kind && section.name === name);
    // `[profile default]` replaces `[default]`; they are not merged.
    const prefixed = all.filter((section) => section.isPrefixed);
    return prefixed.length > 0 ? prefixed : all;
  }

  #allSections(): Section[] {
    const sections: Section[] = [];
    let section: Section | undefined;
    this.#lines.forEach(({ content }, line) => {
      const bare = withoutComment(content);
      if (bare.startsWith('[') && !/^\s/.test(content)) {
        const header = /^\[(.*)\]$/.exec(bare)?.[1]?.trim();
        section = header === undefined ? undefined : { ...parseHeader(header), line, settings: [] };
        if (section !== undefined) sections.push(section);
        return;
      }
      if (section === undefined || bare === '') return;
      const previous = section.settings.at(-1);
      const equals = bare.indexOf('=');
      const isNested = /^\s/.test(content) && previous !== undefined && (previous.value === '' || equals < 1);
      if (isNested) {
        previous.lines = line - previous.line + 1;
      } else if (equals > 0) {
        const key = bare.slice(0, equals).trim().toLowerCase();
        section.settings.push({ key, value: bare.slice(equals + 1).trim(), line, lines: 1 });
      }
    });
    return sections;
  }
}

export type SectionKind = 'profile' | 'sso-session';

interface Line {
  content: string;
  /** `\n`, `\r\n`, or nothing on a last line without an end. */
  end: string;
}

interface Section {
  kind: SectionKind | 'other';
  name: string;
  /** Whether the header names the kind; only `[default]` does not. */
  isPrefixed: boolean;
  line: number;
  settings: Setting[];
}

interface Setting {
  /** Lower case. */
  key: string;
  value: string;
  line: number;
  /** How many lines it takes with what is nested under it. */
  lines: number;
}

/** Everything before the value, the value, and a comment behind it. */
const settingPattern = /^([^=]*=[ \t]*)(.*?)(\s+[#;].*|\s*)$/;

function splitLines(text: string): Line[] {
  return [...text.matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g)]
    .map(([, content = '', end = '']) => ({ content, end }))
    .filter(({ content, end }) => content !== '' || end !== '');
}

/** A comment starts at `#` or `;` in the first column or after white space. */
function withoutComment(line: string): string {
  return line.replace(/(?:^|\s)[#;].*$/, '').trim();
}

function parseHeader(header: string): Pick<Section, 'kind' | 'name' | 'isPrefixed'> {
  if (header === 'default') return { kind: 'profile', name: 'default', isPrefixed: false };
  const [, kind, rest] = /^(profile|sso-session)\s+(.+)$/.exec(header) ?? [];
  if (kind === undefined || rest === undefined) return { kind: 'other', name: header, isPrefixed: false };
  const [, , quoted] = /^(["'])(.*)\1$/.exec(rest) ?? [];
  return { kind: kind as SectionKind, name: quoted ?? rest, isPrefixed: true };
}

function headerOf(kind: SectionKind, name: string): string {
  return kind === 'profile' && name === 'default' ? 'default' : `${kind} ${name}`;
}

/** A run of lines that differs between two texts. */
export interface ChangedLines {
  /** 1-based line of the old text at which the run starts. */
  line: number;
  removed: string[];
  added: string[];
}

/** The difference of two texts by lines, in order. Line ends do not count. */
export function changedLines(before: string, after: string): ChangedLines[] {
  const old = splitLines(before).map(({ content }) => content);
  const now = splitLines(after).map(({ content }) => content);
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const oldMiddle = old.slice(start, old.length - end);
  const nowMiddle = now.slice(start, now.length - end);

  // Longest common subsequence of what is left, which is short: our changes are a few lines.
  const width = nowMiddle.length + 1;
  const lengths = new Uint32Array((oldMiddle.length + 1) * width);
  for (let i = oldMiddle.length - 1; i >= 0; i--) {
    for (let j = nowMiddle.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        oldMiddle[i] === nowMiddle[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const changes: ChangedLines[] = [];
  let change: ChangedLines | undefined;
  for (let i = 0, j = 0; i < oldMiddle.length || j < nowMiddle.length;) {
    if (i < oldMiddle.length && j < nowMiddle.length && oldMiddle[i] === nowMiddle[j]) {
      change = undefined;
      i++;
      j++;
      continue;
    }
    if (change === undefined) changes.push((change = { line: start + i + 1, removed: [], added: [] }));
    const takeOld =
      j >= nowMiddle.length || (i < oldMiddle.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!);
    if (takeOld) change.removed.push(oldMiddle[i++]!);
    else change.added.push(nowMiddle[j++]!);
  }
  return changes;
}
