/** What the program that starts the editor tells the suite inside it, as JSON in MCP_WORKBENCH_HOST_WORLD. */
export interface HostWorld {
  /** The AWS config file that the editor uses; tests may add to it. */
  configFile: string;
  /** Profiles by what they are for. */
  profiles: {
    /** Where tests start: an account with one stack. */
    dev: WorldProfile;
    /** Another account with another stack. */
    other: WorldProfile;
  };
  /** Real servers by what people call them: from npm, and one about AWS from PyPI. */
  servers: Record<'everything' | 'filesystem' | 'memory' | 'iac', WorldCommand>;
  /** Where the suite writes down what must be gone when the editor has ended. */
  leftoversFile: string;
}

export interface WorldProfile {
  name: string;
  account: string;
  region: string;
  /** A stack that exists nowhere but in that account of the local AWS. */
  stack: string;
}

/** How a server is started. */
export interface WorldCommand {
  command: string;
  args: string[];
}

/** What must be gone when the editor has ended. */
export interface Leftovers {
  socketPath: string;
  loopbackUrl: string;
  /** Processes of servers that ran at the end. */
  pids: number[];
}

export const worldVariable = 'MCP_WORKBENCH_HOST_WORLD';
