import * as vscode from 'vscode';
import { AwsEnvironment } from '../aws/environment';
import { AwsIdentityService } from '../aws/identityService';
import { SsoServices } from '../aws/sso/ssoServices';
import { ConfigWatcher } from '../aws/config/configWatcher';
import { messageOf } from '../core/errors';
import type { Logger } from '../core/logger';
import type { CallableServers } from '../mcp/caller/callableServer';
import { ConsentGrants } from '../tools/consentGrants';
import { Policy } from '../tools/policy';
import { TrafficRecorder, windowGatherMs } from '../traffic/trafficRecorder';
import { AccountLists } from './aws/accountLists';
import { warnOfAudit } from './audit/auditWarning';
import type { AuditParts } from './audit/auditCommands';
import type { AuditNode } from './audit/auditTree';
import { EditorAudit } from './audit/editorAudit';
import type { AwsNode } from './aws/awsNodes';
import { AwsTree } from './aws/awsTree';
import { dressAwsView } from './aws/awsView';
import { PinnedRoles } from './aws/pinnedRoles';
import type { CommandTable } from './commands/commandIds';
import { makeCommandTable } from './commands/commandTable';
import { ConsentQueue } from './consent/consentQueue';
import { EditorDialogs } from './consent/editorDialogs';
import { followContextKeys } from './contextKeys';
import { EditorWorkspace } from './editorWorkspace';
import { AccountBook } from './identity/accountBook';
import { followSignIns } from './identity/followSignIns';
import { ProfileCatalog } from './identity/profileCatalog';
import { rememberedSelection, rememberSelection } from './identity/identityMemory';
import { IdentityStatus } from './identity/identityStatus';
import type { InspectorPanel } from './inspector/inspectorPanel';
import type { InspectorViewProvider } from './inspector/inspectorView';
import type { InspectorContext } from './inspector/webviewConnection';
import { logFailedRequests } from './inspector/trafficLog';
import { TrafficRecording, windowStart } from './inspector/trafficRecording';
import { LazyService } from './lazyService';
import { logChannelLogger } from './logChannelLogger';
import { ManagedServers } from './managedServers/managedServers';
import type { WatchedServers } from './managedServers/watchedServers';
import { ExternalAccess } from './servers/externalAccess';
import { ServerHost } from './servers/serverHost';
import { ServersTree } from './servers/serversTree';
import { ResultDocuments } from './resultDocuments';
import type { Settings } from './settings/settings';
import { readFlow, readSsoEndpoints } from './settings/userSettings';
import { policySettingNames, type SettingsPolicy } from './settings/settingsPolicy';
import { chooseFlow } from './signIn/chooseFlow';
import { MfaPrompt } from './signIn/mfaPrompt';
import { openBrowser } from './signIn/openBrowser';
import { SessionActions } from './signIn/sessionActions';
import { SignInNotices } from './signIn/signInNotices';
import { SignInWait } from './signIn/signInWait';
import { ToolIdentity } from './signIn/toolIdentity';
import type { ToolServices } from './toolServices';
import { EditorToolsets } from './toolsets/editorToolsets';
import { VirtualDocuments } from './virtualDocuments';

/** What the entry point has made before anything else is loaded. */
export interface ContainerOptions {
  context: vscode.ExtensionContext;
  settings: Settings;
  policy: SettingsPolicy;
  version: string;
  /** Servers of the user that our host offers, too. */
  watched: WatchedServers;
  /** The *AWS* view, whose rows come from the container. */
  awsView: vscode.TreeView<AwsNode>;
  /** The *Audit Log* view, whose rows come from the container. */
  auditView: vscode.TreeView<AuditNode>;
}

/** Both forms of the inspector. */
export interface Inspector {
  view: InspectorViewProvider;
  panel: InspectorPanel;
  /** What can be called by hand, also from an open trace file. */
  servers: CallableServers;
  replay: InspectorContext['replay'];
  savedInputs: NonNullable<InspectorContext['savedInputs']>;
  dispose(): void;
}

/**
 * Builds every service of this window and knows what each needs. What is light is made at once; the tools (zod), the
 * server (MCP SDK) and the inspector are loaded when something first needs them. What was made last is closed first.
 */
export class Container {
  readonly log: vscode.LogOutputChannel;
  readonly logger: Logger;
  readonly environment: AwsEnvironment;
  readonly identity: AwsIdentityService;
  readonly sso: SsoServices;
  readonly accounts: AccountBook;
  readonly profiles: ProfileCatalog;
  readonly lists: AccountLists;
  readonly pins: PinnedRoles;
  readonly awsTree: AwsTree;
  readonly mfa: MfaPrompt;
  readonly actions: SessionActions;
  readonly recorder: TrafficRecorder;
  readonly recording: TrafficRecording;
  readonly documents: VirtualDocuments;
  readonly toolsets: EditorToolsets;
  readonly settings: Settings;
  readonly settingsPolicy: SettingsPolicy;
  readonly policy: Policy;
  readonly grants: ConsentGrants;
  /** Puts questions about changes to the user. */
  readonly consents: ConsentQueue;
  readonly audit: EditorAudit;
  readonly auditParts: LazyService<AuditParts & { dispose(): void }>;
  readonly resultDocuments: ResultDocuments;
  readonly tools: LazyService<ToolServices>;
  readonly inspector: LazyService<Inspector>;
  readonly host: ServerHost;
  readonly externalAccess: ExternalAccess;
  readonly managed: ManagedServers;
  readonly serversTree: ServersTree;
  readonly commands: CommandTable;
  readonly #services: { dispose(): void | Promise<void> }[] = [];
  #disposal: Promise<void> | undefined;

  constructor({ context, settings, policy: policySource, version, watched, awsView, auditView }: ContainerOptions) {
    this.log = this.#own(vscode.window.createOutputChannel('MCP Workbench', { log: true }));
    this.logger = logChannelLogger(this.log);
    const { logger } = this;

    const mfa = new MfaPrompt();
    this.mfa = mfa;
    this.environment = new AwsEnvironment({ logger, version, mfaCodeProvider: mfa.ask, signInRemedy });
    const sso = this.#own(
      new SsoServices({
        homeDirectory: this.environment.homeDirectory,
        logger,
        openBrowser,
        endpoints: readSsoEndpoints(settings.layers('sso.endpoints')),
        userAgent: `mcp-workbench/${version}`,
      }),
    );
    this.sso = sso;
    const accounts = this.#own(new AccountBook(settings, context.globalState));
    this.accounts = accounts;
    const identity = this.#own(
      new AwsIdentityService(this.environment, rememberedSelection(context.workspaceState), {
        sso,
        describeAccount: (account) => accounts.label(account),
      }),
    );
    this.identity = identity;
    this.#own(accounts.onDidChange(() => void identity.refresh()));
    this.#own(followSignIns(identity, logger));
    const profiles = this.#own(new ProfileCatalog(identity, accounts));
    this.profiles = profiles;
    this.#own(rememberSelection(identity, context.workspaceState));
    this.#own(new ConfigWatcher(this.environment, () => this.#readProfiles()));
    this.#own(new IdentityStatus(profiles));
    const actions = this.#own(
      new SessionActions({
        sso,
        identity,
        flow: () =>
          chooseFlow(readFlow(settings.layers('sso.flow')), {
            remoteName: vscode.env.remoteName,
            isWeb: vscode.env.uiKind === vscode.UIKind.Web,
          }),
      }),
    );
    this.actions = actions;

    const lists = this.#own(new AccountLists(sso.accounts, (found) => accounts.remember(found)));
    this.lists = lists;
    this.#own(
      sso.tokens.onDidChange(({ session, what }) => {
        if (what === 'signedIn' || what === 'signedOut') lists.forget(session.name);
      }),
    );
    this.pins = this.#own(new PinnedRoles(context.globalState));
    this.awsTree = this.#own(new AwsTree({ identity, profiles, accounts, lists, pins: this.pins }));
    this.#own(dressAwsView(awsView, this.awsTree, lists, identity.sessions));

    const recorder = this.#own(new TrafficRecorder({ gatherMs: windowGatherMs, firstSeq: windowStart(settings) }));
    this.recorder = recorder;
    this.#own(logFailedRequests(recorder, logger));
    this.recording = this.#own(
      new TrafficRecording({
        settings,
        recorder,
        storage: context.storageUri,
        creator: `MCP Workbench ${version}`,
        logger,
      }),
    );
    this.inspector = this.#own(
      new LazyService(async () => {
        const { makeInspector } = await import('./inspectorParts');
        const { recording } = this;
        recording.showEarlier().catch((error: unknown) => this.logError(error));
        return makeInspector(
          { extensionUri: context.extensionUri, recorder: recording.history },
          context.workspaceState,
          {
            host,
            managed,
            recorder,
            logger,
            version,
            storage: context.globalStorageUri.fsPath,
            onDidChangeOffer: [policy.onDidChange],
          },
          { documents: () => this.documents, externalUrl: () => this.externalAccess.url },
        );
      }),
    );

    this.documents = this.#own(new VirtualDocuments());
    const workspace = this.#own(new EditorWorkspace());
    const toolsets = this.#own(new EditorToolsets(policySource, logger));
    this.toolsets = toolsets;
    this.settings = settings;
    this.settingsPolicy = policySource;
    const policy = new Policy(toolsets, policySettingNames);
    this.policy = policy;
    const grants = this.#own(new ConsentGrants());
    this.grants = grants;
    const auditFolder = vscode.Uri.joinPath(context.globalStorageUri, 'audit').fsPath;
    const audit = new EditorAudit({
      open: async () => {
        const { AuditLog } = await import('../tools/audit/auditLog');
        return new AuditLog({ folder: auditFolder, version, logger });
      },
      onProblem: warnOfAudit,
    });
    this.audit = audit;
    this.auditParts = this.#own(
      new LazyService(async () => {
        const { makeAuditParts } = await import('./audit/auditParts');
        return makeAuditParts({
          // What other windows write is in the same folder.
          folder: auditFolder,
          view: auditView,
          onDidRecord: audit.onDidChange,
          documents: this.documents,
        });
      }),
    );
    this.resultDocuments = this.#own(new ResultDocuments(() => this.tools.ready?.results));
    const notices = this.#own(
      new SignInNotices({
        identity,
        signIn: async ({ name }) => {
          await vscode.commands.executeCommand('mcpWorkbench.sso.signIn', name);
        },
        tryAgain: async () => {
          await vscode.commands.executeCommand('mcpWorkbench.identity.refresh');
        },
        onError: (error) => this.logError(error),
      }),
    );
    const toolIdentity = new ToolIdentity({
      identity,
      profiles,
      notices,
      wait: new SignInWait(identity.sessions),
      waits: () => settings.get('sso.waitForSignIn'),
    });
    this.tools = this.#own(
      new LazyService(async () => {
        const [{ makeToolServices }] = await Promise.all([import('./toolServices'), toolsets.ready()]);
        return makeToolServices({
          policy,
          identity: toolIdentity,
          quietIdentity: identity,
          grants,
          audit,
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
        const consentTimeoutMs = settings.get('consent.timeoutSeconds') * 1000;
        return makeHostParts({ tools, policy, identity, grants, consentTimeoutMs, recorder, logger, version });
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
    this.consents = asker;
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

    const managed = this.#own(
      new ManagedServers({
        context,
        version,
        logger,
        recorder,
        documents: this.documents,
        externalAccess,
        watched,
        aws: toolIdentity,
        host,
        inspect: async (filter) => {
          const { panel } = await this.inspector.get();
          panel.open({ filter });
        },
        tryIt: async (link) => {
          const { panel } = await this.inspector.get();
          panel.tryIt(link);
        },
      }),
    );
    this.managed = managed;
    this.#own(host.onDidMake((made) => managed.attach(made)));
    this.serversTree = this.#own(
      new ServersTree({
        managed,
        isRunning: () => host.isRunning,
        connections: () => host.connections,
        externalUrl: () => externalAccess.url,
        isHiddenFromChat: () => vscode.workspace.getConfiguration('chat').get('mcp.access') === 'none',
        tokenBudget: () => settings.get('tokenBudget'),
        listTools: async () => {
          const { registry } = await this.tools.get();
          return registry.all.filter(({ tool }) => policy.allows(tool));
        },
        onDidChange: [host.onDidChange, externalAccess.onDidChange, policy.onDidChange, settings.onDidChange],
      }),
    );
    this.#own(followContextKeys({ catalog: profiles, externalAccess, recorder, sessions: identity.sessions }));
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

/** How a person signs in again, as a model relays it to them. */
function signInRemedy({ profile, ssoSession }: { profile: string; ssoSession?: string | undefined }): string {
  const what = ssoSession === undefined ? `profile ${profile}` : ssoSession;
  return `Ask the user to sign in to ${what} in the editor (status bar, or "MCP Workbench: Sign In"), then call again; nothing needs a restart.`;
}
