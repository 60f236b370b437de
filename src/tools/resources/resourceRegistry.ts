import type { ResourceDefinition, ResourceVariables } from './resource';
import { UriTemplate } from './uriTemplate';

/** A resource or a template of resources as lists show it: plain JSON, made once. */
export interface ResourceListing {
  name: string;
  title: string;
  description: string;
  mimeType?: string;
}

/** A resource with its template and listing. */
export interface RegisteredResource {
  readonly resource: ResourceDefinition;
  readonly template: UriTemplate;
  readonly listing: ResourceListing;
}

/**
 * Holds every resource.
 * @throws Error for one that breaks the contract: a programming error, found at start.
 */
export class ResourceRegistry {
  readonly all: readonly RegisteredResource[];

  constructor(resources: readonly ResourceDefinition[]) {
    const names = new Set<string>();
    const templates = new Set<string>();
    for (const { name, uriTemplate } of resources) {
      if (names.has(name)) throw new Error(`Two resources have the name ${name}`);
      if (templates.has(uriTemplate)) throw new Error(`Two resources have the URI ${uriTemplate}`);
      names.add(name);
      templates.add(uriTemplate);
    }
    this.all = resources.map(register);
  }

  /** The resource that a URI names, and the values in the URI. */
  find(uri: string): { registered: RegisteredResource; variables: ResourceVariables } | undefined {
    for (const registered of this.all) {
      const variables = registered.template.match(uri);
      if (variables) return { registered, variables };
    }
    return undefined;
  }
}

function register(resource: ResourceDefinition): RegisteredResource {
  const { name, title, description, uriTemplate, mimeType, tool, complete } = resource;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new Error(`Names of resources are in kebab case: ${name}`);
  if (title.trim() === '' || description.trim() === '') throw new Error(`There is no title or description: ${name}`);
  if (description.length > 300) throw new Error(`The description is over 300 characters: ${name}`);
  if (tool.access !== 'read') throw new Error(`A resource only reads, and ${tool.name} does more: ${name}`);
  const template = new UriTemplate(uriTemplate);
  for (const variable of Object.keys(complete)) {
    if (!template.variables.includes(variable)) throw new Error(`${uriTemplate} has no variable ${variable}`);
  }
  return { resource, template, listing: { name, title, description, ...(mimeType === undefined ? {} : { mimeType }) } };
}
