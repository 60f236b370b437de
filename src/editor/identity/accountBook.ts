import type * as vscode from 'vscode';
import type { AccountLabel } from '../../aws/identity';
import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { isRecord } from '../../core/json';
import { readAccounts, type AccountSetting } from '../settings/userSettings';
import type { Settings } from '../settings/settings';

const key = 'aws.accountNames';
/** More than an organisation has by default. */
const maxNames = 2_000;

/** What accounts are called: by the user's own setting, else as the access portal named them last. */
export class AccountBook implements Disposable {
  readonly #settings: Settings;
  readonly #memento: vscode.Memento;
  readonly #changed = new Emitter<void>();
  readonly #subscription: Disposable;
  readonly #names: Map<string, string>;
  #accounts: ReadonlyMap<string, AccountSetting>;

  constructor(settings: Settings, memento: vscode.Memento) {
    this.#settings = settings;
    this.#memento = memento;
    const kept = memento.get<unknown>(key);
    const entries = isRecord(kept) ? Object.entries(kept) : [];
    this.#names = new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
    this.#accounts = readAccounts(settings.layers('accounts'));
    this.#subscription = settings.onDidChange((affects) => {
      if (!affects('accounts')) return;
      this.#accounts = readAccounts(settings.layers('accounts'));
      this.#changed.fire();
    });
  }

  /** Fires when the user's setting changed. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** What the user says about an account. */
  setting(account: string): AccountSetting {
    return this.#accounts.get(account) ?? {};
  }

  /** For receipts: only what the user says, since a name from the portal is no promise. */
  label(account: string): AccountLabel | undefined {
    return this.#accounts.get(account);
  }

  /** What to call an account, if it has a name. */
  nameOf(account: string): string | undefined {
    return this.setting(account).label ?? this.#names.get(account);
  }

  /** Keeps the names that the portal gave, so that the status bar has them after a reload. */
  remember(accounts: readonly { accountId: string; accountName?: string | undefined }[]): void {
    let hasNews = false;
    for (const { accountId, accountName } of accounts) {
      if (!accountName || this.#names.get(accountId) === accountName) continue;
      this.#names.set(accountId, accountName);
      hasNews = true;
    }
    if (!hasNews) return;
    const kept = [...this.#names].slice(-maxNames);
    void this.#memento.update(key, Object.fromEntries(kept));
    this.#changed.fire();
  }

  /** Writes what the user says about an account to their settings. */
  async describe(account: string, setting: AccountSetting): Promise<void> {
    const { globalValue } = this.#settings.layers('accounts');
    const all = isRecord(globalValue) ? { ...globalValue } : {};
    if (Object.keys(setting).length === 0) delete all[account];
    else all[account] = setting;
    await this.#settings.setForUser('accounts', all as never);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}
