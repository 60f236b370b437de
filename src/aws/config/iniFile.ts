/** One `key = value` line. */
export interface IniEntry {
  value: string;
  /** 1-based. */
  line: number;
  /** `key = value` lines nested under an empty value, as in `s3 =` followed by indented lines. */
  nested?: Map<string, string>;
}

/** One `[…]` section. Keys are lower case. A section that comes twice in a file is merged by the reader, not here. */
export interface IniSection {
  /** What stands between the brackets. */
  header: string;
  /** 1-based. */
  line: number;
  entries: Map<string, IniEntry>;
}

/** What is wrong with a line; what follows is still read. */
export interface IniProblem {
  line: number;
  message: string;
}

export interface IniFile {
  sections: IniSection[];
  problems: IniProblem[];
}

/**
 * Reads the format of the shared AWS config and credentials files.
 *
 * It exists beside the SDK's own reader because that one drops every section whose name has a space or an accent,
 * says nothing about lines it cannot read, and knows no line numbers.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export function parseIniFile(text: string): IniFile {
  const sections: IniSection[] = [];
  const problems: IniProblem[] = [];
  let section: IniSection | undefined;
  let parent: IniEntry | undefined;
  let isBeforeSections = true;
  let line = 0;
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    line++;
    const content = withoutComment(raw);
    if (content === '') continue;
    if (content.startsWith('[') && !/^\s/.test(raw)) {
      parent = undefined;
      section = undefined;
      isBeforeSections = false;
      if (!content.endsWith(']')) {
        problems.push({ line, message: 'A section name has no closing bracket.' });
        continue;
      }
      section = { header: content.slice(1, -1).trim(), line, entries: new Map() };
      sections.push(section);
      continue;
    }
    const equals = content.indexOf('=');
    const key = content.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    const value = content.slice(equals + 1).trim();
    if (key === '') {
      // An indented line without "=" goes on with the value above it; no setting that we read has such values.
      if (!/^\s/.test(raw)) problems.push({ line, message: 'This line is neither a section nor a setting.' });
      continue;
    }
    if (!section) {
      if (isBeforeSections) problems.push({ line, message: 'A setting stands before the first section.' });
      continue;
    }
    if (parent && /^\s/.test(raw)) {
      (parent.nested ??= new Map()).set(key, value);
      continue;
    }
    const entry: IniEntry = { value, line };
    parent = value === '' ? entry : undefined;
    section.entries.set(key, entry);
  }
  return { sections, problems };
}

/** A comment starts at `#` or `;` in the first column or after white space. */
function withoutComment(line: string): string {
  return line.replace(/(?:^|\s)[#;].*$/, '').trim();
}
