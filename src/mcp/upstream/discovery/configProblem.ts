import { escapeUnseen } from '../../../core/unseen';
import type { TextPlace } from './sourceText';

/** What can be wrong with a config file, a server in it, or a variable. */
export type ConfigProblemCode =
  | 'unreadable'
  | 'tooLarge'
  | 'notText'
  | 'syntax'
  | 'strictSyntax'
  | 'wrongType'
  | 'duplicateName'
  | 'unknownTransport'
  | 'missingCommand'
  | 'missingUrl'
  | 'invalidUrl'
  | 'ignoredField'
  | 'unresolvedVariable'
  | 'invalidValue';

/**
 * Something wrong with a config file. `error`: the file or the server cannot be used; `warning`: it can.
 * The sentence never holds a value of the file, which may be a secret; names are shown with escapes.
 */
export interface ConfigProblem extends TextPlace {
  severity: 'error' | 'warning';
  code: ConfigProblemCode;
  message: string;
  file: string;
  /** The server it is about; absent: the whole file. */
  server?: string;
}

const maxNameLength = 80;

/** A name from outside as it may stand in a sentence. */
export function quoteName(name: string): string {
  const shown = name.length > maxNameLength ? `${name.slice(0, maxNameLength)}…` : name;
  return `"${escapeUnseen(shown).replaceAll(/[\n\t]/g, ' ')}"`;
}
