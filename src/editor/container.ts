import * as vscode from 'vscode';
import { AwsEnvironment } from '../aws/environment';
import { AwsIdentityService } from '../aws/identityService';
import { ConfigWatcher } from '../aws/config/configWatcher';
import { messageOf } from '../core/errors';
import type { Logger } from '../core/logger';
import { Policy } from '../tools/policy';
import { TrafficRecorder } from '../traffic/trafficRecorder';
import type { CommandTable } from './commands/commandIds';
import { makeCommandTable } from './commands/commandTable';
import { ConsentQueue } from './consent/consentQueue';
import { EditorDialogs } from './consent/editorDialogs';
import { followContextKeys } from './contextKeys';
import { EditorWorkspace } from './editorWorkspace';
import { ProfileCatalog } from './identity/profileCatalog';
import { rememberedSelection, rememberSelection } from './identity/identityMemory';
import { IdentityStatus } from './identity/identityStatus';
import type { InspectorPanel } from './inspector/inspectorPanel';
import type { InspectorViewProvider } from './inspector/inspectorView';
import { LazyService } from './lazyService';
import { logChannelLogger } from './logChannelLogger';
import { ExternalAccess } from './servers/externalAccess';
import { ServerHost } from './servers/serverHost';
import { ServersTree } from './servers/serversTree';
import type { Settings } from './settings/settings';
import { policySettingNames, type SettingsPolicy } from './settings/settingsPolicy';
import type { ToolServices } from './toolServices';
import { VirtualDocuments } from './virtualDocuments';

/** What the entry point has made before anything else is loaded. */
export interface ContainerOptions {
  context: vscode.ExtensionContext;
  settings: Settings;
  policy: SettingsPolicy;
  version: string;
}

/** Both forms of the inspector. */
export interface Inspector {
  view: InspectorViewProvider;
  panel: InspectorPanel;
  dispose(): void;
}

const bytesPerMb = 1024 * 1024;

/**
 * Builds every service of this window and knows what each needs. What is light is made at once; the tools (zod), the
 * server (MCP SDK) and the inspector are loaded when something first needs them. What was made last is closed first.
 */
export class Container {
  readonly log: vscode.LogOutputChannel;
  readonly logger: Logger;
  readonly environment: AwsEnvironment;
  readonly identity: AwsIdentityService;
  readonly profiles: ProfileCatalog;
  readonly recorder: TrafficRecorder;
  readonly documents: VirtualDocuments;
  readonly tools: LazyService<ToolServices>;
  readonly inspector: LazyService<Inspector>;
  readonly host: ServerHost;
  readonly externalAccess: ExternalAccess;
  readonly serversTree: ServersTree;
  readonly commands: CommandTable;
  readonly #services: { dispose(): void | Promise<void> }[] = [];
  #disposal: Promise<void> | undefined;

  constructor({ context, settings, policy: policySource, version }: ContainerOptions) {
    this.log = this.#own(vscode.window.createOutputChannel('MCP Workbench', { log: true }));
    this.logger = logChannelLogger(this.log);
    const { logger } = this;

    this.environment = new AwsEnvironment({ logger, version });
    const identity = this.#own(new AwsIdentityService(this.environment, rememberedSelection(context.workspaceState)));
    this.identity = identity;
    const profiles = this.#own(new ProfileCatalog(identity));
    this.profiles = profiles;
    this.#own(rememberSelection(identity, context.workspaceState));
    this.#own(new ConfigWatcher(this.environment, () => this.#readConfigAgain()));
    this.#own(new IdentityStatus(profiles));

    const trafficBytes = (): number => settings.get('traffic.memoryLimitMb') * bytesPerMb;
    const recorder = this.#own(new TrafficRecorder({ maxBytes: trafficBytes() }));
    this.recorder = recorder;
    this.#own(
      settings.onDidChange((affects) => {
        if (affects('traffic.memoryLimitMb')) recorder.setMaxBytes(trafficBytes());
      }),
    );
    this.inspector = this.#own(
      new LazyService(async () => {
        const { makeInspector } = await import('./inspectorParts');
        return makeInspector({ extensionUri: context.extensionUri, recorder });
      }),
    );

    this.documents = this.#own(new VirtualDocuments());
    const workspace = this.#own(new EditorWorkspace());
    const policy = new Policy(policySource, policySettingNames);
    this.tools = this.#own(
      new LazyService(async () => {
        const { makeToolServices } = await import('./toolServices');
        return makeToolServices({
          policy,
          identity,
          workspace,
          editorAsker: asker,
          logger,
          get maxResultBytes() {
            return settings.get('results.maxBytes');
          },
        });
      }),
    );
    this.host = this.#own(
      new ServerHost(async () => {
        const [{ makeHostParts }, tools] = await Promise.all([import('./servers/hostParts'), this.tools.get()]);
        return makeHostParts({ tools, policy, recorder, logger, version });
      }),
    );
    // After the host, so that questions end before it waits for the calls that asked them.
    const asker = this.#own(
      new ConsentQueue({
        dialogs: new EditorDialogs(this.documents),
        timeoutMs: () => settings.get('consent.timeoutSeconds') * 1000,
        logger,
      }),
    );
    const { host } = this;
    const externalAccess = this.#own(
      new ExternalAccess({
        settings,
        secrets: context.secrets,
        // A window without a folder has no memory of its own.
        memento: vscode.workspace.workspaceFolders ? context.workspaceState : context.globalState,
        startHost: () => host.start(),
        logger,
      }),
    );
    this.externalAccess = externalAccess;

    this.serversTree = this.#own(
      new ServersTree({
        isRunning: () => host.isRunning,
        connections: () => host.connections,
        externalUrl: () => externalAccess.url,
        hasNoProfile: () => profiles.current.hasNoProfiles,
        isHiddenFromChat: () => vscode.workspace.getConfiguration('chat').get('mcp.access') === 'none',
        listTools: async () => {
          const { registry } = await this.tools.get();
          return registry.all.filter(({ tool }) => policy.allows(tool));
        },
        onDidChange: [host.onDidChange, externalAccess.onDidChange, policy.onDidChange, profiles.onDidChange],
      }),
    );
    this.#own(followContextKeys({ catalog: profiles, externalAccess, recorder }));
    this.commands = makeCommandTable(this);
  }

  /** Goes on with what the user left switched on: external access after a reload. */
  resume(): void {
    this.logger.info(`MCP Workbench ${this.environment.version} is ready.`);
    this.#readProfiles();
    this.externalAccess.resume().catch((error: unknown) => {
      this.logger.error(`External access could not be resumed: ${messageOf(error)}`);
    });
  }

  /** Writes down what went wrong, with the stack that a message to the user leaves out. */
  logError(error: unknown): void {
    this.logger.error(error instanceof Error ? error : messageOf(error));
  }

  /** Closes everything. Safe to call twice; both wait for the end. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#close();
    return this.#disposal;
  }

  #readConfigAgain(): void {
    this.identity.invalidate();
    this.#readProfiles();
  }

  #readProfiles(): void {
    this.profiles.reload().catch((error: unknown) => this.logError(error));
  }

  async #close(): Promise<void> {
    for (let service = this.#services.pop(); service; service = this.#services.pop()) {
      try {
        await service.dispose();
      } catch (error) {
        // What is left must still be closed. The log was made first, so it is there to the end.
        this.logError(error);
      }
    }
  }

  #own<T extends { dispose(): void | Promise<void> }>(service: T): T {
    this.#services.push(service);
    return service;
  }
}
