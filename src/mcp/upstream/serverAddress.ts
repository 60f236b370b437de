import { WorkbenchError } from '../../core/errors';

/** Where requests to a server go. */
export interface ServerAddress {
  /** On a socket: `http://localhost` with the path of the request. */
  url: URL;
  /** Unix socket or named pipe to connect to; `undefined`: host and port of `url`. */
  socketPath: string | undefined;
}

/** As VS Code has it (`extHostMcpNode.ts`): the path is that of the socket, the fragment that of the request. */
const socketUrl = /^(unix|pipe):(?:\/\/)?(\/{1,2}[^/#?][^#?]*)(?:#(.*))?$/i;

/** Whether a URL names a Unix socket or a named pipe. */
export function isSocketUrl(url: string): boolean {
  return socketUrl.test(url);
}

/**
 * Takes the URL of a definition apart.
 * @throws WorkbenchError `Unsupported` for a named pipe where there are none, `InvalidInput` for a path that cannot be
 * decoded.
 */
export function addressOf(url: string, platform: NodeJS.Platform = process.platform): ServerAddress {
  const [, scheme = '', written = '', requestPath = '/'] = socketUrl.exec(url) ?? [];
  if (scheme === '') return { url: new URL(url), socketPath: undefined };
  const isPipe = scheme.toLowerCase() === 'pipe';
  if (isPipe && platform !== 'win32') {
    throw new WorkbenchError('Unsupported', 'Named pipes exist on Windows only.', {
      remedy: 'Write unix:///path/to/socket#/mcp for a Unix socket.',
    });
  }
  let path: string;
  try {
    path = decodeURIComponent(written);
  } catch (cause) {
    throw new WorkbenchError('InvalidInput', 'The path of the socket cannot be read.', {
      remedy: 'Write % as %25 in it.',
      cause,
    });
  }
  // `pipe:///pipe/name` and `pipe:////./pipe/name` mean the same pipe.
  const socketPath = isPipe ? path.replace(/^(?:\/\/\.)?\/pipe\//i, '\\\\.\\pipe\\') : path;
  return {
    url: new URL(requestPath.startsWith('/') ? requestPath : `/${requestPath}`, 'http://localhost'),
    socketPath,
  };
}
