import type { ConfigOwner, ConfigScope } from '../configOwner';
import type { InputDefinition, ServerTemplate } from '../serverTemplate';

/** A server that a person wants to add, as it was understood. */
export interface NewServer {
  /** A name to begin with. */
  name: string;
  template: ServerTemplate;
  /** In whose syntax the variables of the template are; see `translateVariables`. */
  owner: ConfigOwner;
  inputs: InputDefinition[];
  /** How the text was understood, e.g. `npm package`, to tell alternatives apart. */
  kind: string;
  /** Where the person said it should go, if they did. */
  scope?: ConfigScope;
}

/** What a text for "Add server…" means. */
export interface ParsedNewServers {
  /** `all`: every one of them; `one`: different readings of the same text, the most likely first. */
  choice: 'all' | 'one';
  servers: NewServer[];
  /** Why something in the text is no server; each is a sentence, without values of the text. */
  problems: string[];
}

/** A name for a server that came without one. */
export function nameFrom(text: string): string {
  const name = text
    .slice(0, 200)
    .replace(/^@/, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 60);
  return name === '' ? 'server' : name;
}

/** A name from the address of a server: its host without what all hosts have. */
export function nameFromUrl(url: string): string {
  if (!URL.canParse(url)) return 'server';
  const { hostname, port } = new URL(url);
  if (/^(?:localhost|127\.|\[)/.test(hostname)) return nameFrom(`local-${port}`);
  const labels = hostname.split('.').filter((label) => !['www', 'mcp', 'api'].includes(label));
  return nameFrom(labels.length > 1 ? labels.slice(0, -1).join('-') : hostname);
}
