import * as vscode from 'vscode';
import type { CommandId } from './commandIds';

/** A button with the command that it runs. */
interface Offer {
  title: string;
  command: CommandId;
  args?: unknown[];
}

/**
 * Tells the user what a command did, with one thing to do about it. Does not keep the command waiting until they have
 * read it.
 */
export function say(text: string, offer?: Offer): void {
  void sayAndOffer(text, offer);
}

async function sayAndOffer(text: string, offer?: Offer): Promise<void> {
  if (!offer) {
    await vscode.window.showInformationMessage(text);
    return;
  }
  const picked = await vscode.window.showInformationMessage(text, offer.title);
  if (picked === offer.title) await vscode.commands.executeCommand(offer.command, ...(offer.args ?? []));
}
