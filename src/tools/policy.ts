import { WorkbenchError } from '../core/errors';
import type { Event } from '../core/emitter';
import type { Tool, Toolset } from './tool';

/** What the user allows; made from the editor's settings or the CLI's flags. */
export interface PolicySettings {
  /** `readOnly` hides and refuses every tool that changes something. */
  access: 'readOnly' | 'readWrite';
  /** Toolsets that are switched on. */
  toolsets: readonly Toolset[];
  /** Profiles that a call may name beside the current one. */
  allowedProfiles: readonly string[];
  /** Regions that a call may name beside the current one. */
  allowedRegions: readonly string[];
}

/** Gives the settings in force now and says when they change. */
export interface PolicySource {
  readonly current: PolicySettings;
  readonly onDidChange: Event<void>;
}

/** How a person changes a setting, where refusals tell them to: the setting's id in the editor, a flag in the CLI. */
export interface PolicySettingNames {
  access: string;
  toolsets: string;
  allowedProfiles: string;
  allowedRegions: string;
}

/** Decides in code, never in a prompt, which tools exist for a client and who they may act as. */
export class Policy {
  readonly #source: PolicySource;
  readonly #names: PolicySettingNames;

  constructor(source: PolicySource, names: PolicySettingNames) {
    this.#source = source;
    this.#names = names;
  }

  get onDidChange(): Event<void> {
    return this.#source.onDidChange;
  }

  /** Whether the tool is listed and may be called. */
  allows(tool: Tool): boolean {
    return this.#refusal(tool) === undefined;
  }

  /** @throws WorkbenchError `PolicyDenied`, naming the setting and the value that would allow it. */
  check(tool: Tool): void {
    const refusal = this.#refusal(tool);
    if (refusal) throw refusal;
  }

  /**
   * Checks who a call wants to be against what the user allowed beside the current selection.
   * @throws WorkbenchError `PolicyDenied`.
   */
  checkIdentity(
    request: { profile?: string | undefined; region?: string | undefined },
    current: { profile?: string | undefined; region?: string | undefined },
  ): void {
    const { allowedProfiles, allowedRegions } = this.#source.current;
    const { profile, region } = request;
    if (profile !== undefined && profile !== current.profile && !allowedProfiles.includes(profile)) {
      throw new WorkbenchError('PolicyDenied', `Calls may not act as profile ${profile}.`, {
        remedy: `Add "${profile}" to ${this.#names.allowedProfiles}, or leave \`profile\` out.`,
      });
    }
    if (region !== undefined && region !== current.region && !allowedRegions.includes(region)) {
      throw new WorkbenchError('PolicyDenied', `Calls may not use region ${region}.`, {
        remedy: `Add "${region}" to ${this.#names.allowedRegions}, or leave \`region\` out.`,
      });
    }
  }

  #refusal(tool: Tool): WorkbenchError | undefined {
    const { access, toolsets } = this.#source.current;
    if (!toolsets.includes(tool.toolset)) {
      return new WorkbenchError('PolicyDenied', `The toolset ${tool.toolset} is switched off.`, {
        remedy: `Add "${tool.toolset}" to ${this.#names.toolsets}.`,
      });
    }
    if (tool.access !== 'read' && access === 'readOnly') {
      return new WorkbenchError('PolicyDenied', `${tool.title} changes something, and only reading is allowed.`, {
        remedy: `Set ${this.#names.access} to "readWrite".`,
      });
    }
    return undefined;
  }
}
