import type { StdioTemplate } from '../serverTemplate';
import { nameFrom, type NewServer } from './newServer';

const npmName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*(?:@[^\s/@]+)?$/i;
/** Source: packaging.python.org, "Names and normalization"; extras and version after it as pip writes them. */
const pypiName = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?(?:\[[a-z0-9,._-]+\])?(?:(?:==|@)[^\s/@]+)?$/i;
/** Source: github.com/distribution/reference; a tag or digest after it. */
const imageName =
  /^(?:[a-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[\w.-]{1,128})?(?:@sha256:[a-f0-9]{64})?$/;

/** Reads the name of a package of npm, PyPI or a container registry. Several answers where it fits several. */
export function parsePackageName(text: string): NewServer[] {
  const [, registry, purlName] = /^pkg:(npm|pypi|docker|oci)\/(.+)$/.exec(text) ?? [];
  if (registry !== undefined && purlName !== undefined) {
    return fromRegistry(registry, decodePurl(purlName));
  }
  const [, prefix, prefixed] = /^(npm|pypi|docker|oci):\/?\/?(.+)$/.exec(text) ?? [];
  if (prefix !== undefined && prefixed !== undefined) return fromRegistry(prefix, prefixed);
  if (text.startsWith('@')) return npmName.test(text) ? [npmServer(text)] : [];
  if (text.includes('/') || /@sha256:|^[^@]+:[^@]+$/.test(text)) return imageName.test(text) ? [imageServer(text)] : [];
  const servers: NewServer[] = [];
  if (npmName.test(text)) servers.push(npmServer(text));
  if (pypiName.test(text)) servers.push(pypiServer(text));
  // Names of Python servers by AWS have a namespace before a dot, and pip writes versions with two equals signs.
  const isPython = /^[a-z0-9]+\.[a-z0-9-]+|_|==|\[/i.test(text);
  return isPython ? servers.toReversed() : servers;
}

function fromRegistry(registry: string, name: string): NewServer[] {
  if (registry === 'npm') return npmName.test(name) ? [npmServer(name)] : [];
  if (registry === 'pypi') return pypiName.test(name) ? [pypiServer(name)] : [];
  return imageName.test(name) ? [imageServer(name)] : [];
}

function decodePurl(name: string): string {
  try {
    return decodeURIComponent(name.split(/[?#]/)[0] ?? '');
  } catch {
    return '';
  }
}

function npmServer(text: string): NewServer {
  const name = text.replace(/(.)@.*$/, '$1').replace(/^@([^/]+)\/(?:mcp-server|server|mcp)$/, '$1');
  return stdio('npm package', name.replace(/^@[^/]+\//, ''), { command: 'npx', args: ['-y', text] });
}

function pypiServer(text: string): NewServer {
  const name = text.replace(/[[@=].*$/, '');
  return stdio('PyPI package', name, { command: 'uvx', args: [text.replace('==', '@')] });
}

function imageServer(text: string): NewServer {
  const name = text.replace(/@.*$/, '').replace(/:[\w.-]+$/, '');
  return stdio('container image', name.slice(name.lastIndexOf('/') + 1), {
    command: 'docker',
    args: ['run', '-i', '--rm', text],
  });
}

function stdio(kind: string, name: string, start: Pick<StdioTemplate, 'command' | 'args'>): NewServer {
  return {
    name: nameFrom(name),
    template: { transport: 'stdio', ...start, env: {} },
    owner: 'workbench',
    inputs: [],
    kind,
  };
}
