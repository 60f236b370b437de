/** How a server is reached from outside the editor: what a generated command or test connects to. */
export type ServerEndpoint =
  | {
      transport: 'http';
      /** Left out where it is not known or holds a secret: it is then a variable of the environment. */
      url?: string;
      /** Values that are secret are left out: they are variables then. */
      headers?: Readonly<Record<string, string | undefined>>;
      /** Whether it wants a bearer token. */
      needsToken?: boolean;
      /** The socket that it listens on, where it does not listen on a port. */
      socketPath?: string;
    }
  | {
      transport: 'stdio';
      command: string;
      args: readonly string[];
      /** Besides what is there; `undefined` where the value is secret. */
      env?: Readonly<Record<string, string | undefined>>;
      cwd?: string;
    };
