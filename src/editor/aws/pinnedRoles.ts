import type * as vscode from 'vscode';
import type { SsoRoleChoice } from '../../aws/identity';
import type { Disposable } from '../../core/disposable';
import { Emitter, type Event } from '../../core/emitter';
import { toRoleChoice } from '../identity/identityMemory';

const key = 'aws.pinnedRoles';

/** Whether two choices are the same role. */
export function isSameRole(left: SsoRoleChoice | undefined, right: SsoRoleChoice | undefined): boolean {
  return left?.session === right?.session && left?.account === right?.account && left?.role === right?.role;
}

/** The roles that the user wants to see first, in the order in which they were pinned. */
export class PinnedRoles implements Disposable {
  readonly #memento: vscode.Memento;
  readonly #changed = new Emitter<void>();

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  get all(): readonly SsoRoleChoice[] {
    const kept = this.#memento.get<unknown>(key);
    return Array.isArray(kept) ? kept.map(toRoleChoice).filter((choice) => choice !== undefined) : [];
  }

  has(choice: SsoRoleChoice): boolean {
    return this.all.some((pinned) => isSameRole(pinned, choice));
  }

  async set(choice: SsoRoleChoice, isPinned: boolean): Promise<void> {
    const others = this.all.filter((pinned) => !isSameRole(pinned, choice));
    await this.#memento.update(key, isPinned ? [...others, choice] : others);
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
