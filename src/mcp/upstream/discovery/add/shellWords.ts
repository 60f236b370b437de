/** How a command line is split: POSIX shells, or the command interpreter and PowerShell of Windows. */
export type ShellKind = 'posix' | 'windows';

export interface ShellWords {
  words: string[];
  /** What only a shell could do with this line, e.g. a pipe; such lines cannot be started as one command. */
  problem?: string;
}

/**
 * Splits a command line as the shell does. Environment variables that the shell would expand become `${env:NAME}`, so
 * that no value of today is written into a config. A line that goes on after a backslash, caret or backtick is joined.
 */
export function splitShellWords(line: string, shell: ShellKind): ShellWords {
  return shell === 'posix' ? splitPosix(line) : splitWindows(line);
}

/** Source: POSIX.1-2024, Shell Command Language, sections 2.2 (quoting) and 2.3 (tokens). */
function splitPosix(line: string): ShellWords {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    const character = line[at] ?? '';
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
    } else if (character === '\\') {
      const next = line.slice(at + 1).match(/^(?:\r?\n|[^])/u)?.[0] ?? '';
      if (!next.endsWith('\n')) word = (word ?? '') + next;
      at += 1 + next.length;
    } else if (character === "'") {
      const end = line.indexOf("'", at + 1);
      if (end === -1) return { words, problem: 'A quote is not closed.' };
      word = (word ?? '') + line.slice(at + 1, end);
      at = end + 1;
    } else if (character === '"') {
      const quoted = readDoubleQuoted(line, at + 1);
      if (!quoted) return { words, problem: 'A quote is not closed.' };
      if (quoted.problem !== undefined) return { words, problem: quoted.problem };
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (character === '$' || character === '`') {
      const variable = readVariable(line, at);
      if (!variable) return { words, problem: 'Only a shell can replace a command by its output.' };
      word = (word ?? '') + variable.text;
      at = variable.end;
    } else if (/[|;&<>()]/.test(character)) {
      return { words, problem: `Only a shell knows what "${character}" means here.` };
    } else if (character === '#' && word === undefined) {
      const end = line.indexOf('\n', at);
      at = end === -1 ? line.length : end;
    } else {
      word = (word ?? '') + character;
      at++;
    }
  }
  if (word !== undefined) words.push(word);
  return { words: words.map((each) => each.replace(/^~(?=\/|$)/, '${userHome}')) };
}

function readDoubleQuoted(line: string, start: number): { text: string; end: number; problem?: string } | undefined {
  let text = '';
  let at = start;
  while (at < line.length) {
    const character = line[at] ?? '';
    if (character === '"') return { text, end: at + 1 };
    if (character === '\\' && /^[$`"\\\n]/.test(line[at + 1] ?? '')) {
      if (line[at + 1] !== '\n') text += line[at + 1];
      at += 2;
    } else if (character === '$' || character === '`') {
      const variable = readVariable(line, at);
      if (!variable) return { text, end: at, problem: 'Only a shell can replace a command by its output.' };
      text += variable.text;
      at = variable.end;
    } else {
      text += character;
      at++;
    }
  }
  return undefined;
}

/** `$NAME` and `${NAME}`; a dollar that begins neither stands for itself. `undefined` for `$(…)` and backticks. */
function readVariable(line: string, at: number): { text: string; end: number } | undefined {
  const match = /^\$(?:(\w+)|\{(\w+)\})/.exec(line.slice(at, at + 200));
  const name = match?.[1] ?? match?.[2];
  if (match && name !== undefined) return { text: `\${env:${name}}`, end: at + match[0].length };
  if (line[at] === '`' || line[at + 1] === '(') return undefined;
  return { text: '$', end: at + 1 };
}

/**
 * Source: "Parsing C command-line arguments" of Microsoft's C++ documentation (backslashes before quotes, doubled
 * quotes), `cmd /?` (carets, `%NAME%`), and PowerShell's about_Quoting_Rules (single quotes, `$env:NAME`).
 */
function splitWindows(line: string): ShellWords {
  const text = line.replaceAll(/[\^`\\]\r?\n/g, ' ');
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    const backslashes = /^\\+(?=")/.exec(text.slice(at, at + 1000))?.[0].length ?? 0;
    const variable = /^(?:%(\w+)%|\$env:(\w+)|\$\{env:(\w+)\})/i.exec(text.slice(at, at + 200));
    if (backslashes > 0) {
      // Half of them stand for themselves; an odd one makes the quote a character.
      word = (word ?? '') + '\\'.repeat(backslashes >> 1) + (backslashes % 2 === 1 ? '"' : '');
      at += backslashes + (backslashes % 2);
    } else if (variable) {
      word = `${word ?? ''}\${env:${variable[1] ?? variable[2] ?? variable[3] ?? ''}}`;
      at += variable[0].length;
    } else if (character === '"') {
      if (isQuoted && text[at + 1] === '"') {
        word = `${word ?? ''}"`;
        at += 2;
      } else {
        isQuoted = !isQuoted;
        word ??= '';
        at++;
      }
    } else if (isQuoted) {
      word = (word ?? '') + character;
      at++;
    } else if (character === "'" && word === undefined) {
      const literal = /^'([^']*(?:''[^']*)*)'/.exec(text.slice(at));
      if (!literal) return { words, problem: 'A quote is not closed.' };
      word = (literal[1] ?? '').replaceAll("''", "'");
      at += literal[0].length;
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
    } else if (character === '^' && at + 1 < text.length) {
      word = (word ?? '') + (text[at + 1] ?? '');
      at += 2;
    } else if (/[|&<>;]/.test(character)) {
      return { words, problem: `Only a shell knows what "${character}" means here.` };
    } else {
      word = (word ?? '') + character;
      at++;
    }
  }
  if (isQuoted) return { words, problem: 'A quote is not closed.' };
  if (word !== undefined) words.push(word);
  return { words };
}
