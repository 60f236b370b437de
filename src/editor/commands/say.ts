import * as vscode from 'vscode';
import type { CommandId } from './commandIds';

/**
 * Tells the user what a command did, with one thing to do about it. Does not keep the command waiting until they have
 * read it.
 */
export function say(text: string, offer?: { title: string; command: CommandId }): void {
  void sayAndOffer(text, offer);
}

async function sayAndOffer(text: string, offer?: { title: string; command: CommandId }): Promise<void> {
  if (!offer) {
    await vscode.window.showInformationMessage(text);
    return;
  }
  const picked = await vscode.window.showInformationMessage(text, offer.title);
  if (picked === offer.title) await vscode.commands.executeCommand(offer.command);
}
