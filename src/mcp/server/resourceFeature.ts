import {
  ResourceNotFoundError,
  type ReadResourceResult,
  type Resource,
  type ResourceTemplateType,
} from '@modelcontextprotocol/server';
import { WorkbenchError } from '../../core/errors';
import type { Event } from '../../core/emitter';
import type { ResourceReader } from '../../tools/resources/resourceReader';
import type { ResultStore } from '../../tools/resultStore';
import { toProtocolError } from './protocolErrors';
import { toReadRequest } from './readRequest';
import type { FeatureRequest, ResourceFeature } from './serverFeatures';

/** Kept results, whose links stand in the results that were cut. */
const resultTemplate: ResourceTemplateType = {
  name: 'result',
  title: 'Whole result',
  description: 'The whole of a result that was too large for its answer, while it is kept.',
  uriTemplate: 'workbench://results/{id}',
  mimeType: 'application/json',
};

/** Resources of one moment, as the wire shows them. */
interface Listed {
  resources: readonly Resource[];
  templates: readonly ResourceTemplateType[];
}

export interface ResourceFeatureOptions {
  reader: ResourceReader;
  results: ResultStore;
  /** Fires after `relist` was called and something is different. */
  onDidChangeList: Event<void>;
}

/** Resources of AWS and kept results as a feature of the server. */
export class WorkbenchResources implements ResourceFeature {
  readonly onDidChangeList: Event<void>;
  readonly #reader: ResourceReader;
  readonly #results: ResultStore;
  #listed: Listed;

  constructor({ reader, results, onDidChangeList }: ResourceFeatureOptions) {
    this.#reader = reader;
    this.#results = results;
    this.onDidChangeList = onDidChangeList;
    this.#listed = this.#read();
  }

  list(): readonly Resource[] {
    return this.#listed.resources;
  }

  listTemplates(): readonly ResourceTemplateType[] {
    return this.#listed.templates;
  }

  /** Makes the lists again. Says whether they changed. */
  relist(): boolean {
    const before = JSON.stringify(this.#listed);
    this.#listed = this.#read();
    return JSON.stringify(this.#listed) !== before;
  }

  async read(uri: string, request: FeatureRequest): Promise<ReadResourceResult> {
    const kept = this.#results.read(uri);
    if (kept !== undefined) return { contents: [{ uri, mimeType: 'application/json', text: kept }] };
    try {
      const content = await this.#reader.read(uri, toReadRequest(request));
      if (content) return { contents: [{ uri, ...content }] };
    } catch (error) {
      if (!WorkbenchError.is(error)) throw error;
      if (error.code !== 'NotFound') throw toProtocolError(error);
      throw new ResourceNotFoundError(uri, `${error.message} ${error.remedy}`.trim());
    }
    throw new ResourceNotFoundError(uri);
  }

  #read(): Listed {
    const resources: Resource[] = [];
    const templates: ResourceTemplateType[] = [];
    for (const { template, listing } of this.#reader.list()) {
      if (template.variables.length === 0) resources.push({ uri: template.text, ...listing });
      else templates.push({ uriTemplate: template.text, ...listing });
    }
    return { resources, templates: [...templates, resultTemplate] };
  }
}
