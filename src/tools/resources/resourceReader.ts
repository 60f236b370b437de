import type { ResourceContent } from './resource';
import type { RegisteredResource, ResourceRegistry } from './resourceRegistry';
import type { ReadRequest, ToolReads } from './toolReads';

/**
 * UTF-8 bytes of JSON that a resource may take before it is cut: more than a tool's result, since a person chose to read
 * it, and still no more than a model can be given.
 */
export const maxResourceBytes = 256 * 1024;

/** Lists and reads the resources whose tools policy allows. */
export class ResourceReader {
  readonly #registry: ResourceRegistry;
  readonly #reads: ToolReads;

  constructor(registry: ResourceRegistry, reads: ToolReads) {
    this.#registry = registry;
    this.#reads = reads;
  }

  /** Resources and templates of resources that can be read now. */
  list(): RegisteredResource[] {
    const allowed = this.#reads.allowedTools();
    return this.#registry.all.filter(({ resource }) => allowed.has(resource.tool.name));
  }

  /**
   * Reads the resource that a URI names.
   * @returns `undefined` where no resource has such a URI.
   * @throws WorkbenchError with the code that its tool failed with, `PolicyDenied` included.
   */
  async read(uri: string, request: ReadRequest): Promise<ResourceContent | undefined> {
    const found = this.#registry.find(uri);
    if (!found) return undefined;
    const { resource } = found.registered;
    const input = resource.toArguments(found.variables);
    return resource.toContent(await this.#reads.output(resource.tool.name, input, request, maxResourceBytes));
  }
}
