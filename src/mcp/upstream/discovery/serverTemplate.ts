import type { RequestSigning } from '../requestSigning';

/**
 * A server as the owner of a config file wrote it: variables are not resolved and nothing has been looked up. It can be
 * compared, shown (after redaction) and approved without asking a person for anything.
 */
export type ServerTemplate = StdioTemplate | HttpTemplate;

export interface StdioTemplate {
  transport: 'stdio';
  command: string;
  args: string[];
  /** `null` takes a variable of the editor away. */
  env: Record<string, string | null>;
  /** Names of variables that are handed on as they are (Codex). */
  forwardedEnv?: string[];
  /** A file with more variables; those of `env` win. */
  envFile?: string;
  cwd?: string;
}

export interface HttpTemplate {
  /** `http`: Streamable HTTP; `sse`: HTTP with SSE of revision 2024-11-05. */
  transport: 'http' | 'sse';
  url: string;
  headers: Record<string, string>;
  /** Header → name of the variable that holds its value (Codex). */
  envHeaders?: Record<string, string>;
  /** Name of the variable that holds a bearer token (Codex). */
  bearerTokenEnv?: string;
  oauth?: { clientId?: string; clientSecret?: string; scope?: string };
  /** Requests are signed with AWS credentials (our own setting); what is missing the host says. */
  signing?: Partial<RequestSigning>;
}

/** One `inputs` item of an `mcp.json`: a value that a person gives when the server starts. */
export interface InputDefinition {
  id: string;
  type: 'promptString' | 'pickString' | 'command';
  description?: string;
  default?: string;
  /** The value is a secret: it is asked without being shown and kept in the secret storage. */
  isPassword: boolean;
  /** Of `pickString`. */
  options?: { label: string; value: string }[];
  /** Of `command`: the editor command that returns the value, and its arguments. */
  command?: string;
  args?: unknown;
}
