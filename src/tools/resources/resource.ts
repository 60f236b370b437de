import type { Tool } from '../tool';
import type { NameSource } from './nameSource';

/** What a client gets of a resource, in the form of the protocol, without the URI that it asked for. */
export type ResourceContent = { mimeType: string; text: string } | { mimeType: string; blob: string };

/** Values of the variables of a resource's URI template, by name. */
export type ResourceVariables = Readonly<Record<string, string>>;

/**
 * Something on AWS that a client can read by its URI. A resource is a tool seen from another side: it reads what one
 * read-only tool returns, so that the tool's policy, IAM actions, time limit, redaction and audit hold for it too, and
 * switching the tool off switches the resource off.
 */
export interface ResourceDefinition {
  /** Unique, in kebab case. */
  name: string;
  /** Shown to people. */
  title: string;
  /** Says what it holds; at most 300 characters. */
  description: string;
  /** URI, or URI template of RFC 6570 level 1. Its last variable may hold slashes. */
  uriTemplate: string;
  /** Media type, where all resources of the template have the same. */
  mimeType?: string;
  /** Answers the read. */
  tool: Tool;
  /** IAM actions that a read needs: those of the tool. */
  readonly iamActions: readonly string[];
  /**
   * The arguments of the tool for the variables of a URI.
   * @throws WorkbenchError `InvalidInput` for values that no tool should be asked about.
   */
  toArguments(variables: ResourceVariables): Record<string, unknown>;
  /** What the client gets of the tool's output. */
  toContent(output: Readonly<Record<string, unknown>>): ResourceContent;
  /** Where names for a variable come from, by variable. */
  complete: Readonly<Record<string, NameSource>>;
}

/** What is said of a resource; the rest follows from its tool. */
export type ResourceDeclaration = Pick<ResourceDefinition, 'name' | 'title' | 'description' | 'uriTemplate' | 'tool'> &
  Partial<Omit<ResourceDefinition, 'iamActions'>>;

/** Declares a resource. The registry checks the contract. */
export function defineResource(declaration: ResourceDeclaration): ResourceDefinition {
  const { toContent } = declaration;
  return {
    toArguments: (variables) => ({ ...variables }),
    complete: {},
    ...declaration,
    ...(toContent ? { toContent } : { mimeType: 'application/json', toContent: jsonContent }),
    iamActions: declaration.tool.iamActions,
  };
}

/**
 * The whole output as JSON. The strings of JSON are a boundary that no text in them can leave, and the notice that the
 * tool put beside text of others stays beside it.
 */
export function jsonContent(output: Readonly<Record<string, unknown>>): ResourceContent {
  const text = JSON.stringify(output);
  // People read it too, as long as it is of a size to be read.
  const shown = text.length <= maxIndentedLength ? JSON.stringify(output, undefined, 2) : text;
  return { mimeType: 'application/json', text: shown };
}

const maxIndentedLength = 64 * 1024;
