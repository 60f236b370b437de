import type { CallerIdentity } from '../aws/identity';
import { WorkbenchError } from '../core/errors';
import type { Event } from '../core/emitter';
import { refuseResource, showResource, type ResourceRules, type TouchedResource } from './policy/resourceRules';
import { splitArn } from './policy/arnPattern';
import type { Tool, Toolset } from './tool';

/**
 * What the user says of a single tool: `deny` removes it, `ask` asks a person before each call, reads included, and
 * `allow` has it whatever `access` and `toolsets` say (a change still asks a person).
 */
export type ToolOverride = 'allow' | 'ask' | 'deny';

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
  /** By name of the tool. */
  tools?: Readonly<Record<string, ToolOverride>>;
  /** Which resources calls may touch. Where several people have a say, the rules of each must allow it. */
  resources?: readonly ResourceRules[];
  /** Ids of accounts that are labelled production, beside those whose identity says so. */
  productionAccounts?: readonly string[];
  /** Ids of production accounts in which something may be changed all the same. */
  productionWrites?: readonly string[];
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
  tools?: string;
  allowResources?: string;
  denyResources?: string;
  productionWrites?: string;
}

const usualNames = {
  tools: 'the policy setting tools',
  allowResources: 'the policy setting allowResources',
  denyResources: 'the policy setting denyResources',
  productionWrites: 'the policy setting productionWrites',
};

/** Decides in code, never in a prompt, which tools exist for a client, who they may act as and what they may touch. */
export class Policy {
  readonly #source: PolicySource;
  readonly #names: Required<PolicySettingNames>;

  constructor(source: PolicySource, names: PolicySettingNames) {
    this.#source = source;
    this.#names = { ...usualNames, ...names };
  }

  get onDidChange(): Event<void> {
    return this.#source.onDidChange;
  }

  /** The settings in force now. */
  get settings(): PolicySettings {
    return this.#source.current;
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

  /** Whether a person must agree to each call of the tool, whatever they agreed to before. */
  mustAsk(tool: Tool): boolean {
    return this.#override(tool) === 'ask';
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

  /**
   * Checks what a call is about to touch, once it is known as whom.
   * @param touched as the tool tells; `undefined` where it cannot tell, which no resource pattern lets pass.
   * @throws WorkbenchError `PolicyDenied`.
   */
  checkCall(tool: Tool, identity: CallerIdentity, touched: readonly TouchedResource[] | undefined): void {
    const { resources = [] } = this.#source.current;
    if (tool.access !== 'read') this.#checkProduction(tool, identity, touched ?? []);
    for (const rules of resources) {
      if (touched === undefined) {
        if (rules.allow.length + rules.deny.length > 0) throw this.#unknownResource(tool.title);
        continue;
      }
      for (const resource of touched) this.#checkResource(rules, tool, resource);
    }
  }

  #checkProduction(tool: Tool, identity: CallerIdentity, touched: readonly TouchedResource[]): void {
    const { productionAccounts = [], productionWrites = [] } = this.#source.current;
    const owners = touched.map((each) => splitArn(typeof each === 'string' ? each : each.arnPrefix)?.account ?? '');
    const isProduction = (account: string): boolean =>
      productionAccounts.includes(account) || (account === identity.account && identity.production === true);
    for (const account of new Set([identity.account, ...owners])) {
      if (!isProduction(account) || productionWrites.includes(account)) continue;
      throw new WorkbenchError(
        'PolicyDenied',
        `${tool.title} changes something, and account ${account} is labelled production.`,
        { remedy: `Add "${account}" to ${this.#names.productionWrites}, or use another account.` },
      );
    }
  }

  #checkResource(rules: ResourceRules, tool: Tool, resource: TouchedResource): void {
    const refusal = refuseResource(rules, resource);
    if (!refusal) return;
    const { allowResources, denyResources } = this.#names;
    const shown = showResource(resource);
    const denied = (message: string, remedy: string): WorkbenchError =>
      new WorkbenchError('PolicyDenied', message, { remedy });
    switch (refusal.kind) {
      case 'denied':
        throw denied(`Calls may not touch ${shown}.`, `Remove "${refusal.pattern}" from ${denyResources}.`);
      case 'notAllowed':
        throw denied(`Calls may not touch ${shown}.`, `Add "${shown}" to ${allowResources}.`);
      case 'indirect':
        throw denied(
          `${shown} may lead to a bucket that is denied.`,
          `Add "${shown}" to ${allowResources}, or name the bucket itself.`,
        );
      case 'unusablePattern':
        throw denied(
          `"${refusal.pattern}" in ${denyResources} cannot be used. ${refusal.problem}`,
          `Correct it in ${denyResources}; until then nothing that has an ARN may be touched.`,
        );
      case 'unknown':
        throw this.#unknownResource(tool.title);
    }
  }

  #unknownResource(title: string): WorkbenchError {
    const { allowResources, denyResources } = this.#names;
    return new WorkbenchError('PolicyDenied', `${title} does not say which resources it touches.`, {
      remedy: `Use another tool, or empty ${allowResources} and ${denyResources}.`,
    });
  }

  #override(tool: Tool): ToolOverride | undefined {
    const { tools } = this.#source.current;
    return tools && Object.hasOwn(tools, tool.name) ? tools[tool.name] : undefined;
  }

  #refusal(tool: Tool): WorkbenchError | undefined {
    const { access, toolsets } = this.#source.current;
    const override = this.#override(tool);
    if (override === 'deny') {
      return new WorkbenchError('PolicyDenied', `The tool ${tool.name} is switched off.`, {
        remedy: `Remove "${tool.name}": "deny" from ${this.#names.tools}.`,
      });
    }
    if (override === 'allow') return undefined;
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
